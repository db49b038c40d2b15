import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore

/// A principal, as the commands take it.
struct PrincipalOptions: ParsableArguments {
    @Option(help: "Tenant id of the principal (tid).")
    var tenant: String

    @Option(help: "Object id of the principal (oid).")
    var object: String

    @Flag(name: .customLong("other-ids"), help: "The issuer is not Entra, and its ids are no GUIDs.")
    var otherIDs = false

    /// - Throws: ``UsageError``.
    func principal() throws -> Principal {
        for (option, value) in [("--tenant", self.tenant), ("--object", self.object)] {
            guard UUID(uuidString: value) != nil || self.otherIDs else {
                throw UsageError(
                    "\(option) \(value.prefix(64)) is not an id: give the GUID that Entra shows, or add --other-ids "
                        + "for an issuer that is not Entra."
                )
            }
            // Other issuers have other ids, but none with spaces, and none this long.
            guard (1...128).contains(value.utf8.count), value.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw UsageError("\(option) is not an id: it has 1 to 128 visible characters.")
            }
        }
        return Principal(tenantID: self.tenant, objectID: self.object)
    }
}
