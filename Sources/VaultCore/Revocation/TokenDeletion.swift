package import Logging

/// Deletes tokens, and ends what people gave for them at their providers.
package struct TokenDeletion: Sendable {
    package typealias Store = ServiceStore & TokenStore

    private let store: any Store
    private let renewal: TokenRenewal
    private let revoker: GrantRevoker
    private let audit: AuditLog
    private let logger: Logger

    package init(
        store: any Store,
        renewal: TokenRenewal,
        revoker: GrantRevoker,
        audit: AuditLog,
        logger: Logger
    ) {
        self.store = store
        self.renewal = renewal
        self.revoker = revoker
        self.audit = audit
        self.logger = logger
    }

    /// Deletes a token; the audit has an entry where its grant stays.
    ///
    /// - Returns: What becomes of its grant; nil when there is no such token.
    package func delete(service: String, name: String, by principal: Principal) async throws -> GrantFate? {
        // A renewal that is under way brings another refresh token, and the one before is no longer the grant's.
        await self.renewal.finish(TokenKey(service: service, token: name))
        guard
            let token = try await self.store.token(service: service, name: name),
            let fate = await self.revoker.fates(of: [token]).first
        else { return nil }
        try await self.note([fate], .deleteToken, service: service, token: name, by: principal)
        guard try await self.store.deleteToken(service: service, name: name) else { return nil }
        self.finish([(token, fate)])
        return fate
    }

    /// Deletes a service with its tokens; the audit has an entry where grants stay.
    ///
    /// - Returns: What becomes of their grants; nil when there is no such service.
    package func deleteService(_ service: String, by principal: Principal) async throws -> [GrantFate]? {
        let before = try await self.store.tokens(of: service, after: "", limit: .max)
        await withTaskGroup(of: Void.self) { [renewal = self.renewal] group in
            for token in before {
                group.addTask { await renewal.finish(TokenKey(service: service, token: token.name)) }
            }
        }
        let tokens = try await self.store.tokens(of: service, after: "", limit: .max)
        let fates = await self.revoker.fates(of: tokens)
        try await self.note(fates, .deleteService, service: service, by: principal)
        guard try await self.store.deleteService(service, withTokens: true) != nil else { return nil }
        self.finish(Array(zip(tokens, fates)))
        return fates
    }

    private func note(
        _ fates: [GrantFate],
        _ action: AuditEntry.Action,
        service: String,
        token: String = "",
        by principal: Principal
    ) async throws {
        let detail = fates.summary
        guard !detail.isEmpty else { return }
        try await self.audit.append(
            AuditEntry(
                principal: principal,
                action: action,
                service: service,
                token: token,
                outcome: .allowed,
                detail: detail
            )
        )
    }

    private func finish(_ deleted: [(token: StoredToken, fate: GrantFate)]) {
        for (token, fate) in deleted {
            guard let reason = fate.reason else { continue }
            self.logger.warning(
                "The access that was given for a deleted token is not ended at its provider; its owner can do that there.",
                metadata: ["token": "\(token.service)/\(token.name)", "reason": "\(reason)"]
            )
        }
        self.revoker.begin(deleted.compactMap(\.fate.revocation))
    }
}
