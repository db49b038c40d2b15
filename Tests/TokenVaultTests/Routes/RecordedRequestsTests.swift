import Foundation
import HTTPTypes
import TestSupport
import Testing
import VaultCore
import VaultSQLite

@testable import TokenVault

/// The requests that published clients and documents of the original service hold, in the order of a day at work.
///
/// AT is the service's own documentation, the others are its sample applications: BASIC, ADV, NAV, NODE, AMEL and MALIK.
@Suite("Requests of the original service's clients", .timeLimit(.minutes(5)))
struct RecordedRequestsTests {
    private struct Recorded: Sendable {
        let who: String
        let method: HTTPRequest.Method
        let path: String
        let body: String
        let status: Int
        /// What the client reads in the answer, spelled as it spells it.
        let reads: [String]

        init(
            _ who: String,
            _ method: HTTPRequest.Method,
            _ path: String,
            _ body: String,
            _ status: Int,
            reads: [String] = []
        ) {
            (self.who, self.method, self.path, self.body) = (who, method, path, body)
            (self.status, self.reads) = (status, reads)
        }

        /// Without a body.
        init(_ who: String, _ method: HTTPRequest.Method, _ path: String, _ status: Int, reads: [String] = []) {
            self.init(who, method, path, "", status, reads: reads)
        }
    }

    private static let token = "/services/dropbox/tokens/sample"
    private static let unauthenticated =
        #""status":{"error":{"code":"Unauthenticated","message":"This connection is not authenticated."},"state":"Error"}"#
    /// NAV's template, as it was deployed.
    private static let generic = """
        {"authentication":{"managedIdentityProvider":{"name":"oauth2generic"},"parameters":{"ClientId":"id",
        "ClientSecret":"s","Scopes":"user.read offline_access",
        "AuthorizationUrlTemplate":"https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "AuthorizationUrlQueryStringTemplate":"?client_id={ClientId}&response_type=code&redirect_uri={RedirectUrl}&response_mode=query&scope={Scopes}&state={State}",
        "TokenUrlTemplate":"https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "TokenBodyTemplate":"client_id={ClientId}&scope={Scopes}&code={Code}&redirect_uri={RedirectUrl}&grant_type=authorization_code&client_secret={ClientSecret}",
        "RefreshUrlTemplate":"https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "RefreshBodyTemplate":"client_id={ClientId}&scope={Scopes}&refresh_token={RefreshToken}&grant_type=refresh_token&client_secret={ClientSecret}"}}}
        """

    private static func service(_ provider: String, _ parameters: String, wrapped: Bool = false) -> String {
        let body = """
            {"tokenParameters":{},"authentication":{"managedIdentityProvider":{"name":"\(provider)"},
            "parameters":{\(parameters)}},"displayName":"\(provider)"}
            """
        return wrapped ? "{\"properties\":\(body)}" : body
    }

    private static let services: [Recorded] = [
        Recorded("AT", .put, "/services/box", Self.service("dropbox", #""clientid":"i","clientsecret":"s""#), 201),
        Recorded("NAV", .put, "/services/box2", Self.service("dropbox", #""ClientId":"i","ClientSecret":"s""#), 201),
        Recorded(
            "AT, ARM",
            .put,
            "/services/box3",
            Self.service("dropbox", #""clientid":"i","clientsecret":"s""#, wrapped: true),
            201
        ),
        Recorded("AT", .put, "/services/google", Self.service("google", #""clientid":"i","clientsecret":"s""#), 201),
        Recorded(
            "AT",
            .put,
            "/services/facebook",
            Self.service("facebook", #""clientid":"i","clientsecret":"s""#),
            201
        ),
        Recorded(
            "AT",
            .put,
            "/services/linkedin",
            Self.service("linkedin", #""clientid":"i","clientsecret":"s""#),
            201
        ),
        Recorded(
            "AT",
            .put,
            "/services/graph",
            """
            {"tokenParameters":{"resourceUri":{"parameterType":"string","defaultValue":"https://graph.microsoft.com"}},
             "authentication":{"managedIdentityProvider":{"name":"aad"},
               "parameters":{"clientid":"i","clientsecret":"s","resourceUri":"https://graph.microsoft.com"}},
             "displayName":"Graph"}
            """,
            201,
            reads: [#""parameterType":"string""#, #""displayName":"Graph""#]
        ),
        Recorded("NAV", .put, "/services/graph2", Self.generic, 201),
        // The service is gone from the field, and says so.
        Recorded(
            "AT",
            .put,
            "/services/twitter",
            Self.service("twitter", #""clientid":"i","clientsecret":"s""#),
            400,
            reads: ["UnsupportedIdentityProvider"]
        ),
        Recorded("AT", .get, "/services/graph", 200, reads: [#""managedIdentityProvider":{"name":"aad"}"#]),
        Recorded("AT", .get, "/services", 200, reads: [#"{"value":["#, #""name":"graph2""#]),
        Recorded("AT", .delete, "/services/box3", 200),
    ]

    private static let tokensBeforeTheLogin: [Recorded] = [
        Recorded(
            "ADV",
            .put,
            token,
            "{ 'name' : 'x' }",
            201,
            reads: [#""displayName":"sample""#, #""loginUri":"https://vault.example.com\#(token)/login""#]
        ),
        Recorded("NAV, AMEL, NODE", .put, token, #"{"displayName":"x"}"#, 200, reads: [#""displayName":"x""#]),
        Recorded("AT", .put, token, #"{"displayname":"y"}"#, 200, reads: [#""displayName":"y""#]),
        Recorded(
            "AT, ARM",
            .put,
            token,
            #"{"properties":{"displayName":"testToken"}}"#,
            200,
            reads: [#""displayName":"testToken""#]
        ),
        Recorded(
            "AT",
            .get,
            token,
            200,
            reads: [
                #""name":"sample""#, #""displayName":"testToken""#, #""parameterValues":{}"#, #""value":null"#,
                #""tokenUri":"https://vault.example.com\#(token)""#, unauthenticated, #""location":""#,
            ]
        ),
        // BASIC goes by the status, and prints the body.
        Recorded("BASIC", .post, token, 400, reads: ["This connection is not authenticated."]),
        Recorded("AMEL", .get, "/services/dropbox/tokens/none", 404),
    ]

    private static let tokensAfterTheLogin: [Recorded] = [
        // ADV does this on every view of its page.
        Recorded("ADV", .put, token, "{ 'name' : 'x' }", 200),
        Recorded(
            "BASIC, ADV",
            .post,
            token,
            200,
            reads: [#""Parameters":{}"#, #""Value":{"AccessToken":"sl."#, #""ExpiresIn":14400"#]
        ),
        Recorded(
            "NAV, NODE, AMEL",
            .get,
            token,
            200,
            reads: [#""status":{"state":"Ok"}"#, #""value":{"accessToken":"sl."#]
        ),
        Recorded("BASIC, MALIK", .post, "\(token)/accesstoken", 200, reads: [LoginFixture.accessToken]),
        Recorded(
            "AT",
            .get,
            "/services/dropbox/tokens",
            200,
            reads: [#"{"value":[{"#, #""value":null"#, #""state":"Ok""#]
        ),
    ]

    private static let policies: [Recorded] = [
        Recorded(
            "AT",
            .put,
            "/accessPolicies/policy1",
            #"{"properties":{"name":"policy1","principal":{"tenantId":"T","objectId":"O"},"permissions":["Get","List","CreateOrUpdate","Delete"]}}"#,
            201,
            reads: [#""name":"policy1""#, #""objectId":"o""#, #""GetToken""#, #""DeleteService""#]
        ),
        // BASIC and ADV list a name twice.
        Recorded(
            "BASIC, ADV",
            .put,
            "/accessPolicies/policy2",
            #"{"properties":{"principal":{"tenantId":"T","objectId":"O"},"permissions":["ListIdentityProvider","GetService","CreateOrUpdateService","CreateOrUpdateService","GetToken","CreateOrUpdateToken","DeleteToken"]}}"#,
            201,
            reads: [
                #""permissions":["ListIdentityProvider","GetService","CreateOrUpdateService","GetToken","CreateOrUpdateToken","DeleteToken"]"#
            ]
        ),
        Recorded("AT", .get, "/accessPolicies/policy1", 200, reads: [#""tenantId":"t""#]),
        Recorded("AT", .get, "/accessPolicies", 200, reads: [#"{"value":["#, "policy1", "policy2"]),
        Recorded("AT", .delete, "/accessPolicies/policy1", 200),
    ]

    private func replay(_ table: [Recorded], on login: LoginFixture) async throws {
        for request in table {
            let reply = try await login.vault.send(request.method, request.path, body: request.body)
            #expect(reply.status == request.status, "\(request.who): \(request.method) \(request.path) \(reply.body)")
            for text in request.reads {
                #expect(reply.body.contains(text), "\(request.who): \(request.method) \(request.path) \(reply.body)")
            }
            if request.method == .delete { #expect(reply.body.isEmpty) }
            if !request.path.contains("accesstoken") || request.status != 200, !reply.body.isEmpty {
                #expect(reply.headers[.contentType] == "application/json; charset=utf-8")
            }
        }
    }

    @Test func theyAreAllAnsweredAsTheyWere() async throws {
        let permissions =
            "Get,List,CreateOrUpdate,Delete,CreateOrUpdateAccessPolicy,GetAccessPolicy,ListAccessPolicy,"
            + "DeleteAccessPolicy"
        let login = try await LoginFixture(
            returnURLs: [
                "https://site.azurewebsites.net/", "http://localhost:10329/", "https://node.example/schedule/callback",
            ],
            permissions: permissions
        )
        #expect(try await login.vault.store.deleteToken(service: "dropbox", name: "sample"))
        try await self.replay(Self.services, on: login)
        #expect(try await login.vault.send(.get, "/services/graph", body: "").body.contains("parameters\"") == false)
        try await self.replay(Self.tokensBeforeTheLogin, on: login)
        // Each form of the login, in which the last code is saved.
        for query in [
            "PostLoginRedirectUrl=https%3A%2F%2Fsite.azurewebsites.net%2Fpostauth%3FserviceId%3Ddropbox%26tokenId%3Dsample",
            "PostLoginRedirectUrl=https://site.azurewebsites.net/store/dropbox/sample/save?storeUrl=https://vault.example.com",
            "postLoginRedirectUrl=http://localhost:10329/",
            "PostLoginRedirectUrl=https://node.example/schedule/callback",
        ] {
            let begun = try LoginFixture.Browser(
                try await login.vault.send(.get, "\(Self.token)/login?\(query)")
            )
            #expect(begun.location.host == "www.dropbox.com")
            #expect(begun.parameter("redirect_uri") == "https://vault.example.com/redirect")
            let back = try LoginFixture.Browser(try await login.redirect(begun))
            let saved = try await login.save(back.parameter("code"))
            #expect(saved.status == 200)
            #expect(saved.body.contains(#""Value":{"AccessToken":"sl."#))
        }
        // Who changes his mind comes back without a code, and NAV shows its first page.
        let cancelled = try LoginFixture.Browser(
            try await login.redirect(try await login.begin(), query: "error=access_denied")
        )
        #expect(cancelled.parameter("code").isEmpty && cancelled.parameter("error") == "access_denied")
        try await self.replay(Self.tokensAfterTheLogin, on: login)
        try await self.replay(Self.policies, on: login)
        try await self.replay([Recorded("AT", .delete, Self.token, 200)], on: login)
    }

    /// 2018: the vault; 2019: the store; then each store's own address, without a slash at its end.
    @Test(arguments: [
        "https://tokenvault.azure.net", "https://tokenstore.azure.net", "https://vault.example.com",
        "api://33333333-3333-3333-3333-333333333333",
    ])
    func theAudiencesOfAllYearsAreTaken(audience: String) async throws {
        let audiences =
            "https://tokenvault.azure.net,https://tokenstore.azure.net,https://vault.example.com,"
            + "api://33333333-3333-3333-3333-333333333333"
        let vault = try await VaultFixture(environment: ["TOKEN_VAULT_AUDIENCES": audiences])
        try await vault.importToken("secret")
        let bearer = try vault.bearer { $0["aud"] = .string(audience) }
        #expect(try await vault.send(.post, Self.token, bearer: bearer).status == 200)
    }
}
