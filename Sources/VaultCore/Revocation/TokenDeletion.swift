/// Deletes a token, and ends what a person gave for it at the provider.
package struct TokenDeletion: Sendable {
    private let store: any TokenStore
    private let renewal: TokenRenewal
    private let revoker: GrantRevoker

    package init(store: any TokenStore, renewal: TokenRenewal, revoker: GrantRevoker) {
        self.store = store
        self.renewal = renewal
        self.revoker = revoker
    }

    /// - Returns: False when there is no such token.
    package func delete(service: String, name: String) async throws -> Bool {
        // A renewal that is under way brings another refresh token, and the one before is no longer the grant's.
        await self.renewal.finish(TokenKey(service: service, token: name))
        guard let token = try await self.store.token(service: service, name: name) else { return false }
        let revocation = await self.revoker.revocation(of: token)
        guard try await self.store.deleteToken(service: service, name: name) else { return false }
        if let revocation { self.revoker.begin(revocation) }
        return true
    }
}
