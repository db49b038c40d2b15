import Foundation
import OAuthWire
import Testing
import TokenTransport

@testable import VaultCore

@Suite("Discovery, identity and revocation")
struct DiscoveryTests {
    private func client() throws -> OAuthClient {
        try ProviderSample.client("oidc", ["issuer": "https://login.example.com/realm"])
    }

    @Test func theEndpointsOfAnIssuerAreFound() throws {
        let client = try self.client()
        #expect(
            try client.discoveryURL()?.absoluteString
                == "https://login.example.com/realm/.well-known/openid-configuration"
        )
        let metadata = """
            {"issuer":"https://login.example.com/realm","authorization_endpoint":"https://login.example.com/auth?x=1",
             "token_endpoint":"https://login.example.com/token","revocation_endpoint":"https://login.example.com/revoke",
             "authorization_response_iss_parameter_supported":true,
             "token_endpoint_auth_methods_supported":["client_secret_basic","private_key_jwt"]}
            """
        let found = try client.discovered(Data(metadata.utf8))
        #expect(found.provider.requiresIssuer)
        #expect(found.provider.clientAuthentication == .basic)
        let page = try found.authorizationURL(.init(redirectURI: "r", state: "s", codeChallenge: "c", nonce: "n"))
        #expect(page.absoluteString.hasPrefix("https://login.example.com/auth?x=1&response_type=code"))
        let revocation = try found.revocation(refreshToken: Secret("rt"), accessToken: nil, now: ProviderSample.now)
        #expect(revocation?.url.path() == "/revoke")
        #expect(revocation?.fields == ["token": "rt"])
    }

    @Test(
        arguments: [
            "{}", "[]", "<html>", #"{"issuer":"https://evil.example"}"#,
            #"{"issuer":"https://login.example.com/realm"}"#,
            #"{"issuer":"https://login.example.com/realm","authorization_endpoint":"https://a.example/a","token_endpoint":"http://a.example/t"}"#,
            #"{"issuer":"https://login.example.com/realm","authorization_endpoint":"https://a.example/a","token_endpoint":"https://127.0.0.1/t"}"#,
            #"{"issuer":"https://login.example.com/realm","authorization_endpoint":"https://{issuer}/a","token_endpoint":"https://a.example/t"}"#,
        ]
    )
    func metadataOfSomebodyElseIsRefused(metadata: String) throws {
        #expect(throws: ProviderRowError.self) { try self.client().discovered(Data(metadata.utf8)) }
    }

    private func idToken(_ claims: String) -> Secret {
        Secret("\(Base64URL.encode(Data("{}".utf8))).\(Base64URL.encode(Data(claims.utf8))).c2ln")
    }

    @Test func anIDTokenSaysWhoseAccountItIs() throws {
        let token = self.idToken(
            #"{"iss":"https://accounts.google.com","aud":"client id","sub":"42","email":"a@b.c","nonce":"n","exp":1800000900}"#
        )
        let account = try ProviderSample.client("google").account(in: token, nonce: "n", now: ProviderSample.now)
        #expect(account == AccountIdentity(subject: "42", email: "a@b.c"))
    }

    @Test(
        arguments: [
            (#"{"iss":"https://accounts.google.com","aud":"other","sub":"42"}"#, "it is for another client"),
            (
                #"{"iss":"https://accounts.google.com","aud":["client id"],"sub":"42","nonce":"m"}"#,
                "it is of another login"
            ),
            (#"{"iss":"https://evil.example","aud":"client id","sub":"42"}"#, "it is of another issuer"),
            (#"{"iss":"https://accounts.google.com","aud":"client id","exp":1}"#, "it has expired"),
            ("", "it is not a JWT"),
        ]
    )
    func anIDTokenOfSomebodyElseIsRefused(claims: String, reason: String) throws {
        let client = try ProviderSample.client("google")
        let error = #expect(throws: IDTokenError.self) {
            try client.account(in: self.idToken(claims), nonce: "n", now: ProviderSample.now)
        }
        #expect(error?.reason == reason)
    }

    @Test func gitHubIsAskedWhoseAccountItIs() throws {
        let client = try ProviderSample.client("github")
        let request = try #require(try client.userInfoRequest(accessToken: Secret("at")))
        #expect(request.url.absoluteString == "https://api.github.com/user")
        #expect(request.header("Authorization") == "Bearer at")
        #expect(request.header("User-Agent") == "token-vault")
        let account = client.account(in: TransportResponse(200, #"{"id":583231,"login":"octocat","email":null}"#))
        #expect(account == AccountIdentity(subject: "583231", login: "octocat"))
        #expect(client.account(in: TransportResponse(403, "{}")).isUnknown)
    }

    struct Revocation: Sendable, CustomTestStringConvertible {
        let provider: String
        let method: TransportRequest.Method
        let url: String
        let fields: [String: String]
        let authorization: String?
        var testDescription: String { self.provider }
    }

    static let basic = "Basic " + Data("client%20id:s3cret%26%2B".utf8).base64EncodedString()
    static let revocations = [
        Revocation(
            provider: "google",
            method: .post,
            url: "https://oauth2.googleapis.com/revoke",
            fields: ["token": "rt"],
            authorization: nil
        ),
        Revocation(
            provider: "dropbox",
            method: .post,
            url: "https://api.dropboxapi.com/2/auth/token/revoke",
            fields: [:],
            authorization: "Bearer at"
        ),
        Revocation(
            provider: "github",
            method: .delete,
            url: "https://api.github.com/applications/client%20id/grant",
            fields: ["access_token": "at"],
            authorization: basic
        ),
        Revocation(
            provider: "gitlab",
            method: .post,
            url: "https://gitlab.com/oauth/revoke",
            fields: ["token": "rt", "client_id": "client id", "client_secret": "s3cret&+"],
            authorization: nil
        ),
        Revocation(
            provider: "facebook",
            method: .delete,
            url: "https://graph.facebook.com/v22.0/7/permissions",
            fields: [:],
            authorization: "Bearer at"
        ),
        Revocation(
            provider: "notion",
            method: .post,
            url: "https://api.notion.com/v1/oauth/revoke",
            fields: ["token": "at"],
            authorization: basic
        ),
        Revocation(
            provider: "strava",
            method: .post,
            url: "https://www.strava.com/oauth/deauthorize",
            fields: ["access_token": "at"],
            authorization: nil
        ),
    ]

    @Test(arguments: revocations)
    func aGrantIsEndedInTheWayOfItsProvider(wanted: Revocation) throws {
        let client = try ProviderSample.client(wanted.provider)
        let request = try #require(
            try client.revocation(
                refreshToken: Secret("rt"),
                accessToken: Secret("at"),
                account: AccountIdentity(subject: "7"),
                now: ProviderSample.now
            )
        )
        #expect(request.method == wanted.method)
        #expect(request.url.absoluteString == wanted.url)
        #expect(request.fields == wanted.fields)
        #expect(request.header("Authorization") == wanted.authorization)
    }

    @Test func microsoftHasNoRevocation() throws {
        let client = try ProviderSample.client("microsoft")
        #expect(try client.revocation(refreshToken: Secret("rt"), accessToken: nil, now: ProviderSample.now) == nil)
    }
}
