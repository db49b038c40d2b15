/// Where a vault keeps what it knows; secrets are in it only sealed.
///
/// Each method is one transaction. Errors are ``StoreError``, `CancellationError`, and ``SealerError`` where a sealer is
/// given.
package protocol VaultStore: KeyStore, ServiceStore, TokenStore, PolicyStore, LoginStore, RenewalStore, AuditStore {
    /// A token, if the principal may read it: what ``PolicyStore/permissions(of:on:)`` and ``TokenStore/token(service:name:)``
    /// say together.
    func lookUp(_ token: TokenKey, for principal: Principal) async throws -> TokenLookup
}

extension VaultStore {
    /// For a store that has nothing better: two transactions.
    package func lookUp(_ token: TokenKey, for principal: Principal) async throws -> TokenLookup {
        let resource = Resource.token(service: token.service, token: token.token)
        guard try await self.permissions(of: principal, on: resource).isSuperset(of: .getToken) else {
            return .forbidden
        }
        return try await self.token(service: token.service, name: token.token).map(TokenLookup.found) ?? .missing
    }
}
