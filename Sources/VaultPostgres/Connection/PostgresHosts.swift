import Foundation
import Glibc
import VaultCore

/// The hosts of an address, each with what libpq is told for it.
///
/// They are tried one by one, since libpq itself gives a host that does not answer no time limit when it is asked not to block.
struct PostgresHosts: Sendable {
    let parameters: [[String: String]]

    /// Files of the authorities that a machine trusts: on Debian and its relatives, and on Red Hat's.
    private static let authorities = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]

    init(_ given: [String: String], environment: [String: String], deadline: Duration) throws {
        // It could name another host than those that TLS is asked of here.
        guard (given["service"] ?? environment["PGSERVICE"] ?? "").isEmpty else {
            throw StoreError(
                .unusable,
                "TOKEN_VAULT_STORE or PGSERVICE names a service of pg_service.conf: write its host, port and database into TOKEN_VAULT_STORE instead."
            )
        }
        func list(_ name: String, _ variable: String) -> [String] {
            (given[name] ?? environment[variable] ?? "").split(separator: ",", omittingEmptySubsequences: false)
                .map(String.init)
        }
        let names = list("host", "PGHOST")
        let addresses = list("hostaddr", "PGHOSTADDR")
        let ports = list("port", "PGPORT")
        let count = max(names.count, addresses.count)
        guard [names, addresses].allSatisfy({ [1, count].contains($0.count) }), [1, count].contains(ports.count) else {
            throw StoreError(.unusable, "TOKEN_VAULT_STORE names more hosts than ports or addresses, or fewer.")
        }
        func item(_ list: [String], _ index: Int) -> String { list.count == 1 ? list[0] : list[index] }
        self.parameters = (0..<count).map { index in
            var parameters = given
            parameters["host"] = item(names, index)
            parameters["hostaddr"] = addresses.count == count ? addresses[index] : nil
            parameters["port"] = item(ports, index)
            let isLocal = Self.isLocal(host: item(names, index), address: parameters["hostaddr"] ?? "")
            for (name, value) in Self.defaults(isLocal: isLocal, environment: environment, deadline: deadline) {
                parameters[name] = parameters[name] ?? value
            }
            return parameters.filter { !$0.value.isEmpty }
        }
    }

    /// What nobody has to say.
    private static func defaults(
        isLocal: Bool,
        environment: [String: String],
        deadline: Duration
    ) -> [String: String] {
        var defaults = [
            "client_encoding": "UTF8",
            "fallback_application_name": "token-vault",
            // Two that a store can be written at, where several hosts are named.
            "target_session_attrs": environment["PGTARGETSESSIONATTRS"] ?? "read-write",
            "gssencmode": environment["PGGSSENCMODE"] ?? "disable",
            "sslmode": environment["PGSSLMODE"] ?? (isLocal ? "prefer" : "verify-full"),
            // A network that was cut is noticed without anybody waiting for it.
            "tcp_user_timeout": "\(deadline.components.seconds * 1000)",
            "keepalives_idle": "10",
            "keepalives_interval": "5",
            "keepalives_count": "3",
        ]
        // Without it libpq looks for a file in the home directory alone, which the vault's user has not.
        if !isLocal, environment["PGSSLROOTCERT"] == nil {
            defaults["sslrootcert"] = self.authorities.first { FileManager.default.fileExists(atPath: $0) }
        }
        return defaults
    }

    /// Whether nothing leaves the machine.
    private static func isLocal(host: String, address: String) -> Bool {
        guard address.isEmpty else { return self.isLoopback(address) }
        return host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost"
            || self.isLoopback(host)
    }

    /// Names that begin like an address are none.
    private static func isLoopback(_ text: String) -> Bool {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return false }
        return withUnsafeBytes(of: six) { $0.last == 1 && $0.dropLast().allSatisfy { $0 == 0 } }
    }
}
