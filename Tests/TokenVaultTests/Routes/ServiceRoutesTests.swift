import Foundation
import HTTPTypes
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import TokenVault
@testable import VaultSQLite

struct ServiceRoutesTests {
    private static let all = "Get,List,CreateOrUpdate,Delete"

    private func secrets(_ vault: VaultFixture, of service: String = "graph") async throws -> [String] {
        try await vault.store.clientSecrets(of: service).map { try $0.open(with: vault.sealer.keys) }
    }

    @Test func aServiceIsMadeAndItsParametersNeverComeBack() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let body = """
            {"tokenParameters":{"resourceUri":{"parameterType":"string","defaultValue":"https://graph.microsoft.com"}},
             "authentication":{"managedIdentityProvider":{"name":"aad"},
               "parameters":{"clientid":"the-id","clientsecret":"the-secret","resourceUri":"https://graph.microsoft.com"}},
             "displayName":"Graph"}
            """
        let made = try await vault.send(.put, "/services/graph", body: body)
        #expect(made.status == 201)
        #expect(
            made.body == """
                {"authentication":{"managedIdentityProvider":{"name":"aad"}},"authorizedPostRedirectUrls":[],\
                "displayName":"Graph","name":"graph","redirectUrl":"https://vault.example.com/redirect",\
                "tokenParameters":{"resourceUri":{"defaultValue":"https://graph.microsoft.com",\
                "parameterType":"string"}}}
                """
        )
        let got = try await vault.send(.get, "/services/graph", body: "")
        #expect(got.status == 200)
        #expect(got.body == made.body)
        #expect(!got.body.contains("the-"))
        #expect(try await self.secrets(vault) == ["the-secret"])
        let stored = try #require(try await vault.store.service("graph")?.configuration)
        #expect(stored.clientID == "the-id")
        #expect(stored.parameters == ["resourceuri": "https://graph.microsoft.com"])
        let again = try await vault.send(.put, "/services/graph", body: body)
        #expect(again.status == 200)
        #expect(try await self.secrets(vault) == ["the-secret"])
    }

    @Test func aSecretDoesNotFollowAServiceThatIsPointedElsewhere() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let own =
            #"{"authentication":{"managedIdentityProvider":{"name":"dropbox"},"parameters":{"clientid":"i","clientsecret":"s"}}}"#
        #expect(try await vault.send(.put, "/services/graph", body: own).status == 201)
        let other = #"{"authentication":{"managedIdentityProvider":{"name":"gitlab"},"parameters":{"clientid":"i"}}}"#
        #expect(try await vault.send(.put, "/services/graph", body: other).status == 400)
        #expect(try await self.secrets(vault) == ["s"])
        let elsewhere = #"""
            {"authentication":{"managedIdentityProvider":{"name":"oauth2generic"},"parameters":{"clientid":"i",
            "AuthorizationUrlTemplate":"https://evil.example/a","AuthorizationUrlQueryStringTemplate":"?state={State}",
            "TokenUrlTemplate":"https://evil.example/t","TokenBodyTemplate":"code={Code}&secret={ClientSecret}",
            "RefreshUrlTemplate":"https://evil.example/t","RefreshBodyTemplate":"r={RefreshToken}"}}}
            """#
        _ = try await vault.send(.put, "/services/graph", body: elsewhere)
        let provider = try await vault.store.service("graph")?.provider
        let secrets = try await self.secrets(vault)
        #expect(provider == "oauth2generic" ? secrets.isEmpty : secrets == ["s"])
    }

    /// As clients of the service wrote them.
    @Test(arguments: [
        #"{"authentication":{"managedIdentityProvider":{"name":"dropbox"},"parameters":{"clientid":"i","clientsecret":"s"}}}"#,
        #"{"authentication":{"managedIdentityProvider":{"name":"Dropbox"},"parameters":{"ClientId":"i","ClientSecret":"s"}}}"#,
        #"{"properties":{"authentication":{"managedIdentityProvider":{"name":"dropbox"},"parameters":{"ClientId":"i","ClientSecret":"s"}}}}"#,
        "{'Authentication':{'ManagedIdentityProvider':{'Name':'dropbox'},'Parameters':{'CLIENTID':'i','clientsecret':'s'},},}",
        "\u{FEFF}{\"authentication\":{\"managedIdentityProvider\":{\"name\":\"dropbox\"},\"parameters\":{\"clientId\":\"i\",\"clientSecret\":\"s\",\"scopes\":null}}}",
    ])
    func everyFormOfABodyIsUnderstood(body: String) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        #expect(try await vault.send(.put, "/services/graph", body: body).status == 201)
        let service = try #require(try await vault.store.service("graph"))
        #expect(service.provider == "dropbox")
        #expect(service.configuration.clientID == "i")
        #expect(try await self.secrets(vault) == ["s"])
    }

    @Test(arguments: [
        ("", "authentication.managedIdentityProvider.name is missing: it names the provider."),
        ("[]", "The body is not a JSON object."), ("{", "The body is not a JSON object."),
        (
            #"{"authentication":{"managedIdentityProvider":{"name":"x"},"parameters":[]}}"#,
            "authentication.parameters is not an object."
        ),
        (
            #"{"authentication":{"managedIdentityProvider":{"name":"x"},"parameters":{"a":{}}}}"#,
            "authentication.parameters.a is not a string."
        ),
        (
            #"{"authentication":{"managedIdentityProvider":{"name":"x"},"parameters":{"a":"1","A":"2"}}}"#,
            "authentication.parameters has a twice."
        ),
    ])
    func aBodyThatIsWrongSaysWhere(body: String, message: String) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let reply = try await vault.send(.put, "/services/new", body: body)
        #expect(reply.status == 400)
        #expect(reply.body == #"{"error":{"code":"InvalidRequest","message":"\#(message)"}}"#)
        #expect(try await vault.store.service("new") == nil)
    }

    /// What nobody could log in with is refused while the one who set it up is there to see it.
    @Test(arguments: [
        (
            "myspace", #"{"clientid":"i","clientsecret":"s"}"#, "UnsupportedIdentityProvider",
            "There is no identity provider"
        ),
        (
            "twitter", #"{"clientid":"i","clientsecret":"s"}"#, "UnsupportedIdentityProvider",
            "There is no identity provider"
        ),
        ("dropbox", #"{"clientsecret":"s"}"#, "InvalidRequest", "clientid is missing"),
        ("dropbox", #"{"clientid":"i"}"#, "InvalidRequest", "clientsecret is missing"),
        ("dropbox", #"{"clientid":"i","clientsecret":"s","x":"y"}"#, "InvalidRequest", "x is not a parameter"),
        ("aad", #"{"clientid":"i","clientsecret":"s"}"#, "InvalidRequest", "resourceuri is missing"),
    ])
    func aServiceThatCannotWorkIsRefused(
        provider: String,
        parameters: String,
        code: String,
        message: String
    ) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let body = #"""
            {"authentication":{"managedIdentityProvider":{"name":"\#(provider)"},"parameters":\#(parameters)}}
            """#
        let reply = try await vault.send(.put, "/services/new", body: body)
        #expect(reply.status == 400)
        #expect(reply.body.contains(#""code":"\#(code)""#))
        #expect(reply.body.contains(message))
        #expect(try await vault.store.service("new") == nil)
    }

    @Test func theProvidersAreListedForWhoMayListThem() async throws {
        let vault = try await VaultFixture(permissions: "ListIdentityProvider")
        let reply = try await vault.send(.get, "/identityProviders", body: "")
        #expect(reply.status == 200)
        #expect(reply.body.contains(#"{"displayName":"Dropbox","name":"dropbox","parameters":[]}"#))
        let other = try await VaultFixture(permissions: Self.all)
        #expect(try await other.send(.get, "/identityProviders", body: "").status == 403)
    }

    @Test func whatAnUpdateDoesNotSayStays() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let body = #"""
            {"authentication":{"managedIdentityProvider":{"name":"google"},
             "parameters":{"clientid":"i","clientsecret":"s","scopes":"a, b c"}},
             "authorizedPostRedirectUrls":["https://a.example/x"]}
            """#
        _ = try await vault.send(.put, "/services/graph", body: body)
        #expect(try await vault.send(.put, "/services/graph", body: #"{"displayName":"G"}"#).status == 200)
        let stored = try #require(try await vault.store.service("graph")?.configuration)
        #expect(stored.displayName == "G")
        #expect(stored.scopes == ["a", "b", "c"])
        #expect(stored.clientID == "i")
        #expect(stored.returnURLs == ["https://a.example/x"])
        #expect(try await self.secrets(vault) == ["s"])
    }

    @Test(arguments: ["http://a.example/", "https://u@a.example/", "https://a.example/#x", "javascript:x", "", "/a"])
    func aReturnAddressThatLeadsAstrayIsRefused(url: String) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        for path in ["/services/dropbox", "/services/dropbox/tokens/t"] {
            let body = #"{"authorizedPostRedirectUrls":["\#(url)"]}"#
            let reply = try await vault.send(.put, path, body: body)
            #expect(reply.status == 400)
            #expect(reply.body.contains("authorizedPostRedirectUrls holds an address"))
        }
    }

    @Test func servicesAreListedInPages() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        for number in 1000..<2001 {
            _ = try await vault.store.createService("s\(number)", provider: "p")
        }
        let first = try await vault.send(.get, "/services", body: "")
        let link = try #require(JSONTree(body: Data(first.body.utf8))?["nextLink"]?.text)
        #expect(link == "https://vault.example.com/services?after=s1998")
        let path = String(try #require(link.split(separator: ".com").last))
        let rest = try #require(JSONTree(body: Data(try await vault.send(.get, path, body: "").body.utf8)))
        guard case .array(let services)? = rest["value"] else { throw CancellationError() }
        #expect(services.compactMap { $0["name"]?.text } == ["s1999", "s2000"])
        #expect(rest["nextLink"] == nil)
    }

    @Test func aServiceIsDeletedWithItsTokens() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        try await vault.importToken("secret")
        let reply = try await vault.send(.delete, "/services/dropbox", body: "")
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
        #expect(try await vault.store.tokens().isEmpty)
        let again = try await vault.send(.delete, "/services/dropbox", body: "")
        #expect(again.status == 404)
        #expect(again.body == #"{"error":{"code":"NotFound","message":"The store has no such service."}}"#)
    }

    @Test func repointingAServiceEndsItsLogins() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let put = { (client: String) in
            let body = """
                {"authentication":{"managedIdentityProvider":{"name":"dropbox"},
                "parameters":{"clientid":"\(client)","clientsecret":"s"}}}
                """
            return try await vault.send(.put, "/services/dropbox", body: body).status
        }
        #expect(try await put("ours") == 200)
        let hash = try #require(try await vault.store.service("dropbox")?.configurationHash)
        _ = try await vault.store.saveCredential(
            Credential(accessToken: "a", refreshToken: "r", configurationHash: hash),
            service: "dropbox",
            token: "sample",
            sealer: vault.sealer
        )
        #expect(try await put("theirs") == 200)
        let reply = try await vault.send(.post, "/services/dropbox/tokens/sample", bearer: vault.bearer())
        #expect(reply.status == 400)
        #expect(reply.body.contains(#""code":"ServiceChanged""#))
        #expect(try await put("ours") == 200)
        #expect(try await vault.send(.post, "/services/dropbox/tokens/sample", bearer: vault.bearer()).status == 200)
    }
}
