extension AuditEntry {
    /// What became of a renewal.
    package init(_ note: RenewalNote, token: TokenKey) {
        let outcome: Outcome =
            switch note.outcome {
            case .renewed: .renewed
            case .healed: .healed
            case .quarantined: .quarantined
            case .failed: .failed
            }
        self.init(
            principal: .vault,
            action: .renewToken,
            service: token.service,
            token: token.token,
            outcome: outcome,
            detail: note.problem?.rawValue ?? ""
        )
    }
}
