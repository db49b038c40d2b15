import ProgramSupport
import VaultAPI
import VaultCore

/// The names of stores, services and tokens, as a person types them.
enum Names {
    /// The name, when it is one.
    ///
    /// - Throws: ``UsageError`` with the rule.
    static func checked(_ name: String, of kind: String) throws -> String {
        guard VaultPath.isName(name), name.utf8.count <= AuditEntry.maxNameLength else {
            throw UsageError(
                "That cannot be the name of a \(kind): \(VaultPath.nameRule), "
                    + "and has at most \(AuditEntry.maxNameLength) characters."
            )
        }
        return name
    }
}
