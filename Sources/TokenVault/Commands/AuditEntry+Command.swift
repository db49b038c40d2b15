import VaultCore

extension AuditEntry {
    /// The same, about the store, a service or a token.
    static func command(_ action: Action, on resource: Resource, detail: String) -> AuditEntry {
        switch resource {
        case .store: .command(action, detail: detail)
        case .service(let service): .command(action, service: service, detail: detail)
        case .token(let service, let token): .command(action, service: service, token: token, detail: detail)
        }
    }

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
