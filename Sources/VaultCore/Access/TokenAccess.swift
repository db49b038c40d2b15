package import Foundation
import ProgramMetrics
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
        /// When to ask again for a value that is expected; nil when waiting is of no use.
        package let retryAfter: Duration?
    }

    private let store: any VaultStore
    private let sealer: CredentialSealer
    private let audit: AuditLog
    private let renewal: TokenRenewal?
    private let limits: RateLimits
    private let metrics: VaultMetrics
    private let now: @Sendable () -> Date

    package init(
        store: any VaultStore,
        sealer: CredentialSealer,
        audit: AuditLog,
        renewal: TokenRenewal?,
        limits: RateLimits = .none,
        metrics: VaultMetrics = VaultMetrics(),
        now: @escaping @Sendable () -> Date
    ) {
        self.store = store
        self.sealer = sealer
        self.audit = audit
        self.renewal = renewal
        self.limits = limits
        self.metrics = metrics
        self.now = now
    }

    /// The token, if the principal may have it.
    ///
    /// Policies are looked at before tokens: who has no right learns nothing of which tokens there are.
    ///
    /// - Throws: ``AccessDenial``; and what the store throws, in which case nothing is handed out.
    nonisolated(nonsending) package func token(
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
        let entry = AuditEntry(
            principal: principal,
            action: action,
            service: service,
            token: name,
            outcome: outcome,
            detail: self.fingerprint(of: result) ?? ""
        )
        do {
            try await self.audit.append(entry)
        } catch {
            self.metrics.reads.increment("notRecorded")
            throw error
        }
        self.metrics.reads.increment(outcome.rawValue)
        switch result {
        case .success(let token): return token
        case .failure(let refusal): throw refusal.denial
        }
    }

    /// Which access token was given, so that one that turns up elsewhere can be traced to who got it.
    private func fingerprint(of result: Result<Token, Refusal>) -> String? {
        guard let value = try? result.get().value else { return nil }
        return self.store.fingerprint(of: value.accessToken)
    }

    nonisolated(nonsending) private func find(service: String, name: String, for principal: Principal) async throws
        -> Result<Token, Refusal>
    {
        do {
            try self.limits.admit(principal)
        } catch {
            return .failure(Refusal(outcome: .throttled, denial: error))
        }
        let stored: StoredToken
        switch try await self.lookUp(service: service, name: name, for: principal) {
        case .forbidden:
            let missing = MissingPermission(.getToken, of: principal)
            return .failure(Refusal(outcome: .forbidden, denial: .forbidden(missing)))
        case .missing:
            return .failure(Refusal(outcome: .notFound, denial: .noToken))
        case .found(let token):
            stored = token
        }
        do {
            try self.limits.admit(TokenKey(service: service, token: name))
        } catch {
            return .failure(Refusal(outcome: .throttled, denial: error))
        }
        do {
            guard let end = try await self.renew(stored) else { return .success(try await self.open(stored)) }
            guard let renewed = try await self.store.token(service: service, name: name) else {
                return .failure(Refusal(outcome: .notFound, denial: .noToken))
            }
            return .success(try await self.open(renewed, after: end))
        } catch is SealerError {
            return .failure(Refusal(outcome: .damaged, denial: .damagedCredential))
        }
    }

    /// A name that is not one names nothing that a policy could be for: then those for the whole store count alone.
    nonisolated(nonsending) private func lookUp(service: String, name: String, for principal: Principal) async throws
        -> TokenLookup
    {
        guard VaultPath.isName(service), VaultPath.isName(name) else {
            let permissions = try await self.store.permissions(of: principal, on: .store)
            return permissions.isSuperset(of: .getToken) ? .missing : .forbidden
        }
        return try await self.store.lookUp(TokenKey(service: service, token: name), for: principal)
    }

    /// Sees to it that a token is renewed when it is due; nil when it is not.
    nonisolated(nonsending) private func renew(_ stored: StoredToken) async throws -> RenewalEnd? {
        guard
            let renewal, let credential = stored.credential, credential.refreshDigest != nil,
            RenewalSchedule.mayBeDue(expiresOn: credential.expiresOn, at: self.now())
        else { return nil }
        do {
            return try await renewal.refresh(TokenKey(service: stored.service, token: stored.name))
        } catch is ProviderRowError {
            return .problem(.serviceBroken)
        }
    }

    nonisolated(nonsending) private func open(_ stored: StoredToken, after end: RenewalEnd = .current) async throws
        -> Token
    {
        let now = self.now()
        var problem = stored.state(at: now)
        let isExpired = stored.credential?.isExpired(at: now) ?? false
        var retryAfter: Duration?
        switch end {
        case .problem(.serviceBroken) where problem == nil || problem == .unauthenticated: problem = .serviceBroken
        case .later(let pause) where isExpired && (problem == .unauthenticated || problem == .uncertain):
            if problem == .unauthenticated { problem = .renewalPending }
            retryAfter = pause
        // It was renewed, and has expired again since: somebody is logged in, and the next one is on its way.
        case .current where isExpired && problem == .unauthenticated && stored.credential?.refreshDigest != nil:
            problem = .renewalPending
            retryAfter = .zero
        // It lived when the renewal was left for its end, and does not any more: the next one is tried.
        case .current where isExpired && problem == .uncertain && stored.credential?.refreshDigest != nil:
            retryAfter = .zero
        default: break
        }
        var value: VaultToken?
        if let credential = stored.credential, !credential.isExpired(at: now),
            problem?.isServedWhileItLives ?? true
        {
            let accessToken = try await self.sealer.openAccessToken(of: credential)
            value = VaultToken(accessToken: accessToken, expiry: credential.expiresOn.map(VaultExpiry.date))
        }
        return Token(
            service: stored.service,
            name: stored.name,
            displayName: stored.displayName,
            value: value,
            problem: problem,
            expiredOn: isExpired ? stored.credential?.expiresOn : nil,
            retryAfter: retryAfter
        )
    }

    private struct Refusal: Error {
        let outcome: AuditEntry.Outcome
        let denial: AccessDenial
    }
}
