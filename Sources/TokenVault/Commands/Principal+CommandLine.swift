import Glibc
import VaultCore

extension Principal {
    /// Whoever runs a command on this machine.
    static var commandLine: Principal { Principal(tenantID: "local", objectID: "uid \(getuid())") }
}
