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
        guard try await self.store.policy(for: principal)?.allows(.getToken) == true else {
            return .failure(Refusal(outcome: .forbidden, denial: .forbidden))
        }
        guard
            VaultPath.isName(service), VaultPath.isName(name),
            let stored = try await self.store.token(service: service, name: name)
        else {
            return .failure(Refusal(outcome: .notFound, denial: .noToken))
        }
        let value: VaultToken?
        do {
            value = try self.open(stored.credential)
        } catch is SealerError {
            return .failure(Refusal(outcome: .damaged, denial: .damagedCredential))
        }
        let expiredOn = stored.credential.flatMap { $0.isExpired(at: self.now()) ? $0.expiresOn : nil }
        return .success(
            Token(
                service: stored.service,
                name: stored.name,
                displayName: stored.displayName,
                value: value,
                expiredOn: value == nil ? expiredOn : nil
            )
        )
    }

    private func open(_ credential: StoredToken.Credential?) throws -> VaultToken? {
        guard let credential, !credential.isExpired(at: self.now()) else {
            return nil
        }
        let accessToken = try self.sealer.open(credential.sealed, keyID: credential.keyID, as: credential.field)
        return VaultToken(accessToken: accessToken, expiry: credential.expiresOn.map(VaultExpiry.date))
    }

    private struct Refusal: Error {
        let outcome: AuditEntry.Outcome
        let denial: AccessDenial
    }
}
