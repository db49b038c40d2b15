import Foundation
import OAuthWire
import Testing
import TokenTransport

@testable import VaultCore

@Suite("GenericTemplates")
struct GenericTemplatesTests {
    /// As in a published template of the original service.
    static let original = [
        "clientid": "my id&", "clientsecret": "s+=/", "Scopes": "User.Read offline_access",
        "AuthorizationUrlTemplate": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "AuthorizationUrlQueryStringTemplate":
            "?client_id={ClientId}&response_type=code&redirect_uri={RedirectUrl}&response_mode=query&scope={Scopes}&state={State}",
        "TokenUrlTemplate": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "TokenBodyTemplate":
            "client_id={ClientId}&scope={Scopes}&code={Code}&redirect_uri={RedirectUrl}&grant_type=authorization_code&client_secret={ClientSecret}",
        "RefreshUrlTemplate": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "RefreshBodyTemplate":
            "client_id={ClientId}&scope={Scopes}&refresh_token={RefreshToken}&grant_type=refresh_token&client_secret={ClientSecret}",
    ]

    private func client(_ changes: [String: String] = [:]) throws -> OAuthClient {
        let provider = try #require(try ProviderSample.catalog()["oauth2generic"])
        return try OAuthClient(provider: provider, parameters: Self.original.merging(changes) { _, new in new })
    }

    private func page(_ client: OAuthClient) throws -> String {
        try client.authorizationURL(
            .init(redirectURI: ProviderSample.redirectURI, state: "st&x={Code}", codeChallenge: "ch", nonce: "n")
        ).absoluteString
    }

    @Test func theOriginalsTemplatesAreFilledWithEscapes() throws {
        let client = try self.client()
        #expect(
            try self.page(client)
                == "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=my%20id%26&response_type=code"
                + "&redirect_uri=https%3A%2F%2Fvault.example.com%2Fredirect&response_mode=query"
                + "&scope=User.Read%20offline_access&state=st%26x%3D%7BCode%7D"
        )
        let exchange = try client.request(for: ProviderSample.code, now: ProviderSample.now)
        #expect(exchange.fields["code"] == "the code")
        #expect(exchange.fields["client_secret"] == "s+=/")
        #expect(exchange.fields["redirect_uri"] == ProviderSample.redirectURI)
        let refresh = try client.request(for: ProviderSample.refresh, now: ProviderSample.now)
        #expect(refresh.fields["refresh_token"] == "old-rt")
    }

    @Test func aValueThatLooksLikeAPlaceholderFillsNothing() throws {
        let code = OAuthClient.Grant.code(Secret("{ClientSecret}"), verifier: Secret("v"), redirectURI: "x")
        let request = try self.client().request(for: code, now: ProviderSample.now)
        #expect(request.fields["code"] == "{ClientSecret}")
    }

    @Test func pkceIsAnExtension() throws {
        let body = "code={Code}&code_verifier={CodeVerifier}"
        let query = "?state={State}&code_challenge={CodeChallenge}&code_challenge_method=S256"
        let client = try self.client(["TokenBodyTemplate": body, "AuthorizationUrlQueryStringTemplate": query])
        #expect(try self.page(client).hasSuffix("&code_challenge=ch&code_challenge_method=S256"))
        let request = try client.request(for: ProviderSample.code, now: ProviderSample.now)
        #expect(request.fields["code_verifier"] == "the-verifier")
    }

    @Test func whatIsLeftOutHasADefault() throws {
        let client = try self.client(["RefreshUrlTemplate": "", "RefreshBodyTemplate": ""])
        let request = try client.request(for: ProviderSample.refresh, now: ProviderSample.now)
        #expect(request.url.absoluteString == Self.original["TokenUrlTemplate"])
        #expect(request.fields["grant_type"] == "refresh_token")
        #expect(request.fields["refresh_token"] == "old-rt")
    }

    @Test(
        arguments: [
            (["TokenUrlTemplate": ""], "TokenUrlTemplate is missing"),
            (["AuthorizationUrlQueryStringTemplate": "?a=b"], "has no {state}"),
            (["TokenBodyTemplate": "a=b"], "has no {code}"),
            (["TokenBodyTemplate": "code={Code}&x={Password}"], "has the placeholder {password}"),
        ]
    )
    func aTemplateThatCannotWorkIsRefusedWhenTheServiceIsMade(changes: [String: String], sentence: String) throws {
        let error = #expect(throws: ProviderRowError.self) { try self.client(changes) }
        #expect(error?.description.contains(sentence) == true)
    }

    @Test(
        arguments: [
            "http://evil.example/t", "https://127.0.0.1/t", "https://localhost:1/t", "https://a.example@evil.example/t",
            "https://[::1]/t", "file:///etc/passwd", "https:///t", "/t",
        ]
    )
    func anAddressWhereNoSecretMayGoIsRefused(url: String) throws {
        #expect(throws: ProviderRowError.self) { try self.client(["TokenUrlTemplate": url]) }
        #expect(throws: ProviderRowError.self) { try self.client(["RefreshUrlTemplate": url]) }
    }

    @Test func anAddressThatBecomesOneWithAValueInItIsRefusedWhenItIsUsed() throws {
        let client = try self.client(["TokenUrlTemplate": "https://{ClientId}/t", "clientid": "localhost"])
        #expect(throws: ProviderRowError.self) {
            try client.request(for: ProviderSample.code, now: ProviderSample.now)
        }
    }
}
