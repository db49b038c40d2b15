import HTTPTypes
import Testing

@testable import TokenVault

@Suite("IdentityProviderRoutes")
struct IdentityProviderRoutesTests {
    @Test func theProvidersAreListedForWhoMay() async throws {
        let vault = try await VaultFixture(permissions: "ListIdentityProvider")
        let reply = try await vault.send(.get, "/identityProviders", bearer: vault.bearer())
        #expect(reply.status == 200)
        #expect(reply.body.contains(#"{"displayName":"Zendesk","name":"zendesk","parameters":["subdomain"]}"#))
        let other = try await VaultFixture(permissions: "Get")
        #expect(try await other.send(.get, "/identityProviders", bearer: other.bearer()).status == 403)
        #expect(try await other.send(.get, "/identityProviders").status == 401)
    }
}
