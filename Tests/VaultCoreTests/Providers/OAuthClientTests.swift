import Crypto
import CryptoExtras
import Foundation
import OAuthWire
import Testing
import TokenTransport

@testable import VaultCore

@Suite("OAuthClient")
struct OAuthClientTests {
    private func page(_ client: OAuthClient) throws -> [String: String] {
        let url = try client.authorizationURL(
            .init(redirectURI: ProviderSample.redirectURI, state: "st", codeChallenge: "ch", nonce: "no")
        )
        return Dictionary(
            FormFields(url.query(percentEncoded: true) ?? "").all.map { ($0.name, $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    @Test(
        arguments: [
            ("google", ["access_type": "offline", "prompt": "consent", "code_challenge": "ch", "nonce": "no"]),
            ("microsoft", ["scope": "openid email offline_access", "response_mode": "query"]),
            ("dropbox", ["token_access_type": "offline", "code_challenge_method": "S256"]),
            ("atlassian", ["audience": "api.atlassian.com", "scope": "read:me offline_access"]),
            ("linkedin", ["scope": "openid profile email", "response_type": "code"]),
            ("slack", ["user_scope": "users:read"]),
            ("reddit", ["duration": "permanent"]),
            ("tiktok-accounts", ["client_key": "client id"]),
        ]
    )
    func aLoginPageIsAskedForWhatItsProviderNeeds(provider: String, expected: [String: String]) throws {
        let fields = try self.page(try ProviderSample.client(provider))
        for (name, value) in expected { #expect(fields[name] == value, "\(name)") }
    }

    @Test(arguments: [("linkedin", "code_challenge"), ("monday", "response_type"), ("tiktok-accounts", "client_id")])
    func aLoginPageIsNotAskedForWhatItsProviderRefuses(provider: String, name: String) throws {
        #expect(try self.page(try ProviderSample.client(provider))[name] == nil)
    }

    @Test func scopesAreJoinedInTheWayOfTheProvider() throws {
        let gitea = try ProviderSample.client("gitea", ["scopes": "read:user write:repository"])
        #expect(try self.page(gitea)["scope"] == "read:user,write:repository")
        let microsoft = try ProviderSample.client("microsoft", ["Scopes": "Mail.Read,offline_access"])
        #expect(try self.page(microsoft)["scope"] == "Mail.Read offline_access")
    }

    @Test func microsoftIsAskedForTheScopesAgainAtARefresh() throws {
        let request = try ProviderSample.client("microsoft").request(
            for: ProviderSample.refresh,
            now: ProviderSample.now
        )
        #expect(request.fields["scope"] == "openid email offline_access")
        let google = try ProviderSample.client("google").request(for: ProviderSample.refresh, now: ProviderSample.now)
        #expect(google.fields["scope"] == nil)
    }

    @Test func theOldNameOfEntraSendsTheResourceEachTime() throws {
        let client = try ProviderSample.client("aad", ["resourceUri": "https://graph.microsoft.com"])
        #expect(try self.page(client)["resource"] == "https://graph.microsoft.com")
        for grant in [ProviderSample.code, ProviderSample.refresh] {
            let request = try client.request(for: grant, now: ProviderSample.now)
            #expect(request.fields["resource"] == "https://graph.microsoft.com")
            #expect(request.url.absoluteString == "https://login.microsoftonline.com/common/oauth2/token")
        }
    }

    @Test func basicEncodesWhatWouldMoveTheBorder() throws {
        let provider = try #require(try ProviderSample.catalog()["notion"])
        let client = try OAuthClient(provider: provider, parameters: ["clientid": "a:b", "clientsecret": "p%+ &ü"])
        let request = try client.request(for: ProviderSample.code, now: ProviderSample.now)
        let expected = "Basic " + Data("a%3Ab:p%25%2B%20%26%C3%BC".utf8).base64EncodedString()
        #expect(request.header("Authorization") == expected)
        #expect(request.fields["client_secret"] == nil)
        #expect(request.header("Content-Type") == "application/json")
        #expect(request.fields["grant_type"] == "authorization_code")
    }

    @Test func postSendsTheSecretInTheBodyAndNowhereElse() throws {
        let request = try ProviderSample.client("google").request(for: ProviderSample.code, now: ProviderSample.now)
        #expect(request.fields["client_secret"] == "s3cret&+")
        #expect(request.fields["code_verifier"] == "the-verifier")
        #expect(request.fields["redirect_uri"] == ProviderSample.redirectURI)
        #expect(!request.url.absoluteString.contains("s3cret"))
        #expect(request.header("Authorization") == nil)
    }

    @Test func bearerSendsTheSecretAsAToken() throws {
        let request = try ProviderSample.client("stripe").request(for: ProviderSample.code, now: ProviderSample.now)
        #expect(request.header("Authorization") == "Bearer s3cret&+")
    }

    @Test func aHashIsOfSecretAndCode() throws {
        let request = try ProviderSample.client("smartsheet").request(for: ProviderSample.code, now: ProviderSample.now)
        let digest = SHA256.hash(data: Data("s3cret&+|the code".utf8)).map { String(format: "%02x", $0) }.joined()
        #expect(request.fields["hash"] == digest)
        #expect(request.fields["client_secret"] == nil)
    }

    @Test func anAssertionIsSignedWithAnECKey() throws {
        let key = P256.Signing.PrivateKey()
        let client = try ProviderSample.client(columns: "\"clientAuth\": \"jwt\"", secret: key.pemRepresentation)
        let request = try client.request(for: ProviderSample.code, now: ProviderSample.now)
        let parts = try #require(request.fields["client_assertion"]).split(separator: ".")
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: try #require(Base64URL.decode(parts[2])))
        #expect(key.publicKey.isValidSignature(signature, for: Data("\(parts[0]).\(parts[1])".utf8)))
        let payload = try #require(Base64URL.decode(parts[1]))
        let claims = try #require(JSONValue(payload))
        #expect(claims[path: "aud"]?.text == "https://p.example/token")
        #expect(claims[path: "iss"]?.text == "id")
        #expect(claims[path: "exp"]?.text == "1800000300")
        #expect(request.fields["client_secret"] == nil)
    }

    @Test func anAssertionIsSignedWithAnRSAKey() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let client = try ProviderSample.client(columns: "\"clientAuth\": \"jwt\"", secret: key.pemRepresentation)
        let request = try client.request(for: ProviderSample.code, now: ProviderSample.now)
        let parts = try #require(request.fields["client_assertion"]).split(separator: ".")
        let signature = _RSA.Signing.RSASignature(rawRepresentation: try #require(Base64URL.decode(parts[2])))
        let digest = SHA256.hash(data: Data("\(parts[0]).\(parts[1])".utf8))
        #expect(key.publicKey.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5))
    }

    @Test func aSecretThatIsNoKeyIsSaidAndNotShown() throws {
        let client = try ProviderSample.client(columns: "\"clientAuth\": \"jwt\"", secret: "not-a-key")
        let error = #expect(throws: ClientAssertionError.self) {
            try client.request(for: ProviderSample.code, now: ProviderSample.now)
        }
        #expect(error?.description.contains("not-a-key") == false)
    }

    @Test func facebookExchangesTheAccessToken() throws {
        let client = try ProviderSample.client("facebook")
        let request = try client.request(for: .accessToken(Secret("at")), now: ProviderSample.now)
        #expect(request.method == .post)
        #expect(request.fields["grant_type"] == "fb_exchange_token")
        #expect(request.fields["fb_exchange_token"] == "at")
        #expect(request.fields["client_id"] == "client id")
        #expect(request.fields["refresh_token"] == nil)
    }

    @Test func instagramUpgradesAndThenRefreshesByGet() throws {
        let client = try ProviderSample.client("instagram")
        let upgrade = try client.request(for: .upgrade(Secret("short")), now: ProviderSample.now)
        #expect(upgrade.method == .get)
        #expect(upgrade.fields["grant_type"] == "ig_exchange_token")
        #expect(upgrade.fields["client_secret"] == "s3cret&+")
        let refresh = try client.request(for: .accessToken(Secret("long")), now: ProviderSample.now)
        #expect(refresh.url.path() == "/refresh_access_token")
        #expect(refresh.fields == ["grant_type": "ig_refresh_token", "access_token": "long"])
        #expect(refresh.body == nil)
    }

    @Test func figmaRefreshesAtAnotherAddress() throws {
        let client = try ProviderSample.client("figma")
        #expect(try client.request(for: ProviderSample.code, now: ProviderSample.now).url.path() == "/v1/oauth/token")
        let refresh = try client.request(for: ProviderSample.refresh, now: ProviderSample.now)
        #expect(refresh.url.path() == "/v1/oauth/refresh")
    }

    @Test func basecampRefreshesWithoutAGrantType() throws {
        let request = try ProviderSample.client("basecamp").request(
            for: ProviderSample.refresh,
            now: ProviderSample.now
        )
        #expect(request.fields["type"] == "refresh")
        #expect(request.fields["grant_type"] == nil)
    }

    @Test func azureDevOpsTakesTheSecretAsAnAssertion() throws {
        let request = try ProviderSample.client("azure-devops").request(
            for: ProviderSample.code,
            now: ProviderSample.now
        )
        #expect(request.fields["client_assertion"] == "s3cret&+")
        #expect(request.fields["assertion"] == "the code")
        #expect(request.fields["code"] == nil)
        #expect(request.fields["client_secret"] == nil)
    }

    @Test func theSecondSecretIsUsedWhenItIsAskedFor() throws {
        let provider = try #require(try ProviderSample.catalog()["google"])
        let client = try OAuthClient(
            provider: provider,
            parameters: ["clientid": "id"],
            secrets: [Secret("new"), Secret("old")]
        )
        let request = try client.request(for: ProviderSample.refresh, secret: 1, now: ProviderSample.now)
        #expect(request.fields["client_secret"] == "old")
    }

    @Test(
        arguments: [
            ("gitlab", ["host": "git.example.com:8443"], "https://git.example.com:8443/oauth/token"),
            ("gitlab", [:], "https://gitlab.com/oauth/token"),
            (
                "microsoft", ["tenant": "contoso.onmicrosoft.com"],
                "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"
            ),
            ("salesforce", ["HOST": "acme.my.salesforce.com"], "https://acme.my.salesforce.com/services/oauth2/token"),
        ]
    )
    func aServicesValueStandsInTheAddress(provider: String, parameters: [String: String], url: String) throws {
        let client = try ProviderSample.client(provider, parameters)
        #expect(try client.request(for: ProviderSample.code, now: ProviderSample.now).url.absoluteString == url)
    }

    @Test(
        arguments: [
            ("microsoft", ["tenant": "a/../b"], "tenant has a value that this provider cannot have."),
            ("microsoft", ["tenant": "a@evil.example"], "tenant has a value that this provider cannot have."),
            ("gitlab", ["host": "a.example\\@evil.example"], "host has a value that this provider cannot have."),
            ("gitlab", ["host": "a.example?x"], "host has a value that this provider cannot have."),
            ("zendesk", [:], "subdomain is missing: this provider's addresses need it."),
            ("zendesk", ["subdomain": "acme.evil.example#"], "subdomain has a value that this provider cannot have."),
            ("google", ["tenant": "x"], "tenant is not a parameter of this provider."),
            ("google", ["clientid": ""], "clientid is missing: give the client id that the provider gave you."),
            (
                "google", ["clientsecret": ""],
                "clientsecret is missing: give the client secret that the provider gave you."
            ),
        ]
    )
    func whatDoesNotFitTheProviderIsRefusedWhenTheServiceIsMade(
        provider: String,
        parameters: [String: String],
        sentence: String
    ) throws {
        let row = try #require(try ProviderSample.catalog()[provider])
        let all = ["clientid": "id", "clientsecret": "s"].merging(parameters) { _, own in own }
        let error = #expect(throws: ProviderRowError.self) { try OAuthClient(provider: row, parameters: all) }
        #expect(error?.description == sentence)
    }

    @Test func zohoSendsTheCodeOnlyToAHostOfItsList() throws {
        let client = try ProviderSample.client("zoho")
        let kept = ["accounts-server": "https://accounts.zoho.eu"]
        let request = try client.request(for: ProviderSample.code, kept: kept, now: ProviderSample.now)
        #expect(request.url.absoluteString == "https://accounts.zoho.eu/oauth/v2/token")
        for other in ["https://accounts.zoho.eu.evil.example", "https://evil.example", "http://accounts.zoho.eu"] {
            #expect(throws: ProviderRowError.self) {
                try client.request(for: ProviderSample.code, kept: ["accounts-server": other], now: ProviderSample.now)
            }
        }
    }

    @Test func nothingOfAClientIsShown() throws {
        let client = try ProviderSample.client("google")
        var text = "\(client) \(String(reflecting: client))"
        dump(client, to: &text)
        #expect(!text.contains("s3cret"))
    }
}
