package import Foundation
package import VaultAPI

/// Reads tokens for callers who may, and writes down every attempt.
package struct TokenAccess: Sendable {
    /// A token as its reader sees it; it prints nothing of the secret, since ``VaultToken`` does not.
    package struct Token: Sendable, Hashable {
        package let service: String
        package let name: String
        package let displayName: String
        /// Nil when nobody is logged in, or the login has expired.
        package let value: VaultToken?
        /// Nil when its state is `Ok`.
        package let problem: TokenProblem?
        /// When the stored access token expired; nil when it has not, or there is none.
        package let expiredOn: Date?
    }

    private let store: any VaultStore
    private let sealer: CredentialSealer
    private let audit: AuditLog
    private let now: @Sendable () -> Date

    package init(
        store: any VaultStore,
        sealer: CredentialSealer,
        audit: AuditLog,
        now: @escaping @Sendable () -> Date
    ) {
        self.store = store
        self.sealer = sealer
        self.audit = audit
        self.now = now
    }

    /// The token, if the principal may have it.
    ///
    /// Policies are looked at before tokens: who has no right learns nothing of which tokens there are.
    ///
    /// - Throws: ``AccessDenial``; and what the store throws, in which case nothing is handed out.
    package func token(
        service: String,
        name: String,
        for principal: Principal,
        action: AuditEntry.Action
    ) async throws -> Token {
        let result = try await self.find(service: service, name: name, for: principal)
        let outcome: AuditEntry.Outcome =
            switch result {
            case .success(let token): token.value == nil ? .unauthenticated : .given
            case .failure(let refusal): refusal.outcome
            }
        // Before the answer: what cannot be written down is not handed out.
        let entry = AuditEntry(principal: principal, action: action, service: service, token: name, outcome: outcome)
        try await self.audit.append(entry)
        switch result {
        case .success(let token): return token
        case .failure(let refusal): throw refusal.denial
        }
    }

    private func find(service: String, name: String, for principal: Principal) async throws -> Result<Token, Refusal> {
        // A name that is not one names nothing that a policy could be for.
        let areNames = VaultPath.isName(service) && VaultPath.isName(name)
        let resource = areNames ? Resource.token(service: service, token: name) : .store
        guard try await self.store.permissions(of: principal, on: resource).isSuperset(of: .getToken) else {
            return .failure(Refusal(outcome: .forbidden, denial: .forbidden))
        }
        guard areNames, let stored = try await self.store.token(service: service, name: name) else {
            return .failure(Refusal(outcome: .notFound, denial: .noToken))
        }
        do {
            return .success(try self.open(stored))
        } catch is SealerError {
            return .failure(Refusal(outcome: .damaged, denial: .damagedCredential))
        }
    }

    private func open(_ stored: StoredToken) throws -> Token {
        let problem = stored.state(at: self.now())
        var value: VaultToken?
        if let credential = stored.credential, !credential.isExpired(at: self.now()),
            problem?.isServedWhileItLives ?? true
        {
            let accessToken = try self.sealer.openAccessToken(of: credential)
            value = VaultToken(accessToken: accessToken, expiry: credential.expiresOn.map(VaultExpiry.date))
        }
        return Token(
            service: stored.service,
            name: stored.name,
            displayName: stored.displayName,
            value: value,
            problem: problem,
            expiredOn: stored.credential.flatMap { $0.isExpired(at: self.now()) ? $0.expiresOn : nil }
        )
    }

    private struct Refusal: Error {
        let outcome: AuditEntry.Outcome
        let denial: AccessDenial
    }
}
