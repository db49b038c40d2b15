import VaultCore

extension AuditEntry {
    /// What an administrator did at the command line of this machine.
    static func command(
        _ action: Action,
        service: String = "",
        token: String = "",
        outcome: Outcome = .allowed,
        detail: String = ""
    ) -> AuditEntry {
        AuditEntry(
            principal: .commandLine,
            action: action,
            service: service,
            token: token,
            outcome: outcome,
            detail: detail
        )
    }
}
