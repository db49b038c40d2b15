import VaultAPI
import VaultCore

/// The names that callers use in addresses.
enum ResourceName {
    /// - Throws: The denial for a name that nothing can have; for something new the rule.
    static func check(_ name: String, isNew: Bool, or denial: AccessDenial) throws {
        guard !VaultPath.isName(name) || name.utf8.count > AuditEntry.maxNameLength else {
            return
        }
        guard isNew else {
            throw denial
        }
        throw VaultProblem.invalid(
            "That cannot be a name: \(VaultPath.nameRule), and has at most \(AuditEntry.maxNameLength) characters."
        )
    }
}
