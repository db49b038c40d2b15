import Foundation
import GRDB
import HTTPTypes
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

struct TokenRoutesTests {
    private static let path = "/services/dropbox/tokens/sample"
    private static let row = "1767225600 \(TestIssuer.tenantID) \(TestIssuer.objectID)"

    @Test func postGivesTheAccessToken() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("sl.secret/+=~", expiresIn: 3600)
        let reply = try await vault.send(.post, Self.path, bearer: vault.bearer())
        #expect(reply.status == 200)
        #expect(reply.body == #"{"ExpiresIn":3600,"Parameters":{},"Value":{"AccessToken":"sl.secret/+=~"}}"#)
        #expect(reply.headers[.contentType] == "application/json; charset=utf-8")
        #expect(reply.headers[.cacheControl] == "no-store")
        #expect(try await vault.audit() == ["\(Self.row) postToken dropbox/sample given"])
    }

    @Test func anUnknownExpiryIsLeftOut() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let reply = try await vault.send(.post, Self.path, bearer: vault.bearer())
        #expect(reply.body == #"{"Parameters":{},"Value":{"AccessToken":"secret"}}"#)
    }

    @Test func postAccessTokenGivesTheTokenAndNothingElse() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let reply = try await vault.send(.post, Self.path + "/accesstoken", bearer: vault.bearer())
        #expect(reply.status == 200)
        #expect(reply.body == "secret")
        #expect(reply.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(reply.headers[.cacheControl] == "no-store")
        #expect(try await vault.audit() == ["\(Self.row) postAccessToken dropbox/sample given"])
    }

    @Test func getGivesTheResource() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret", expiresIn: 60)
        let reply = try await vault.send(.get, Self.path, bearer: vault.bearer())
        #expect(reply.status == 200)
        #expect(
            reply.body == """
                {"displayName":"sample","location":"local",\
                "loginUri":"https://vault.example.com/services/dropbox/tokens/sample/login",\
                "name":"sample","parameterValues":{},"status":{"state":"Ok"},\
                "tokenUri":"https://vault.example.com/services/dropbox/tokens/sample",\
                "value":{"accessToken":"secret","expiresIn":60}}
                """
        )
        #expect(try await vault.audit() == ["\(Self.row) getToken dropbox/sample given"])
    }

    @Test func withoutAPublicURLTheAddressIsTheOneThatWasAskedFor() async throws {
        let vault = try await VaultFixture(environment: ["TOKEN_VAULT_PUBLIC_URL": ""])
        try await vault.importToken("secret")
        let reply = try await vault.send(.get, Self.path, bearer: vault.bearer())
        #expect(reply.body.contains(#""tokenUri":"http://asked.example.com/services/dropbox/tokens/sample""#))
    }

    @Test func aTokenWithoutACredentialIsNotAuthenticated() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        try await vault.store.pool.write { try $0.execute(sql: "DELETE FROM credential") }
        try await self.expectUnauthenticated(vault)
    }

    @Test func anExpiredAccessTokenIsNeverGiven() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret", expiresIn: 10)
        vault.clock.advance(by: .seconds(9))
        #expect(try await vault.send(.post, Self.path, bearer: vault.bearer()).status == 200)
        vault.clock.advance(by: .seconds(1))
        try await self.expectUnauthenticated(vault, "The stored access token expired at 2026-01-01T00:00:10Z.")
        #expect(
            vault.logs.lines.contains {
                $0.hasPrefix("warning A token was asked for that has expired") && $0.contains("2026-01-01T00:00:10Z")
            }
        )
    }

    private func expectUnauthenticated(
        _ vault: VaultFixture,
        _ message: String = "This connection is not authenticated."
    ) async throws {
        for path in [Self.path, Self.path + "/accesstoken"] {
            let reply = try await vault.send(.post, path, bearer: vault.bearer())
            #expect(reply.status == 400)
            #expect(reply.body == #"{"error":{"code":"Unauthenticated","message":"\#(message)"}}"#)
            #expect(reply.headers[.cacheControl] == "no-store")
        }
        let resource = try await vault.send(.get, Self.path, bearer: vault.bearer())
        #expect(resource.status == 200)
        #expect(resource.body.contains(#""value":null"#))
        #expect(
            resource.body.contains(
                """
                "status":{"error":{"code":"Unauthenticated","message":"\(message)"},\
                "state":"Error"}
                """
            )
        )
        #expect(try await vault.audit().suffix(3).allSatisfy { $0.hasSuffix("dropbox/sample unauthenticated") })
    }

    @Test(arguments: [
        "/services/dropbox/tokens/other", "/services/other/tokens/sample", "/services/dropbox/tokens/SAMPLE",
        "/services/dropbox/tokens/%ff",
    ])
    func anUnknownTokenIsNotFound(path: String) async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let reply = try await vault.send(.post, path, bearer: vault.bearer())
        #expect(reply.status == 404)
        #expect(reply.body == #"{"error":{"code":"NotFound","message":"The store has no such token."}}"#)
        #expect(try await vault.audit().first?.hasSuffix(" notFound") == true)
    }

    @Test func anEscapedNameIsTheSameName() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let reply = try await vault.send(.post, "/services/dropbox/tokens/s%61mple", bearer: vault.bearer())
        #expect(reply.status == 200)
    }

    @Test(arguments: ["", "List,CreateOrUpdate,Delete", "GetService"])
    func whoHasNoRightLearnsNothing(permissions: String) async throws {
        let vault = try await VaultFixture(permissions: permissions)
        try await vault.importToken("secret")
        let present = try await vault.send(.post, Self.path, bearer: vault.bearer())
        let absent = try await vault.send(.post, "/services/dropbox/tokens/other", bearer: vault.bearer())
        #expect(present.status == 403)
        #expect(
            present.body == """
                {"error":{"code":"Forbidden",\
                "message":"No access policy of this store allows the principal to do this. \
                Whoever administers the vault can allow it, with --service NAME for one service alone: \
                token-vault policy grant --tenant \(TestIssuer.tenantID) --object \(TestIssuer.objectID) \
                --permissions GetToken"}}
                """
        )
        #expect(absent.status == 403)
        #expect(absent.body == present.body)
        #expect(absent.headers == present.headers)
        // The second within a minute is only counted.
        #expect(try await vault.audit() == ["\(Self.row) postToken dropbox/sample forbidden"])
    }

    @Test func aPolicyIsForOnePrincipal() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let otherObject = try vault.bearer { $0["oid"] = "33333333-3333-3333-3333-333333333333" }
        let otherTenant = try vault.bearer { $0["tid"] = "33333333-3333-3333-3333-333333333333" }
        #expect(try await vault.send(.post, Self.path, bearer: otherObject).status == 403)
        #expect(try await vault.send(.post, Self.path, bearer: otherTenant).status == 403)
    }

    @Test func aRevokedPolicyHoldsAtOnce() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        #expect(try await vault.send(.post, Self.path, bearer: vault.bearer()).status == 200)
        #expect(try await vault.store.revoke(TestIssuer.principal, on: nil))
        #expect(try await vault.send(.post, Self.path, bearer: vault.bearer()).status == 403)
    }

    @Test func withoutABearerTokenItIs401() async throws {
        let vault = try await VaultFixture()
        for authorization in [[], ["Basic dTpw"], ["Bearer a.b.c", "Bearer a.b.c"]] {
            let reply = try await vault.send(.post, Self.path, authorization: authorization)
            #expect(reply.status == 401)
            #expect(reply.headers[.wwwAuthenticate] == "Bearer")
            #expect(reply.body == #"{"error":{"code":"Unauthorized","message":"A bearer token is needed."}}"#)
            #expect(reply.headers[.cacheControl] == "no-store")
        }
        #expect(try await vault.audit().isEmpty)
    }

    @Test func aBearerTokenThatIsNotAcceptedIs401WithTheReason() async throws {
        let vault = try await VaultFixture()
        let reply = try await vault.send(.get, Self.path, bearer: try vault.bearer { $0["aud"] = "https://other" })
        #expect(reply.status == 401)
        #expect(
            reply.headers[.wwwAuthenticate]
                == #"Bearer error="invalid_token", error_description="The token is for another audience.""#
        )
        #expect(
            reply.body == #"{"error":{"code":"Unauthorized","message":"The token is for another audience."}}"#
        )
    }

    @Test func theLogOfA401SaysWhatTheTokenNamed() async throws {
        let vault = try await VaultFixture()
        let token = try vault.bearer {
            $0["iss"] = "https://sts.example.com/tenant-2/\n\u{1b}[31m"
            $0["aud"] = .array(["https://graph.microsoft.com", "api://other"])
        }
        _ = try await vault.send(.get, Self.path, bearer: token)
        _ = try await vault.send(.get, Self.path)
        let lines = vault.logs.lines.filter { $0.hasPrefix("info A caller was not recognized") }
        #expect(lines.count == 2)
        #expect(lines.first?.contains("The token's issuer is not accepted.") == true)
        #expect(lines.first?.contains("https://sts.example.com/tenant-2/??[31m") == true)
        #expect(lines.first?.contains("https://graph.microsoft.com, api://other") == true)
        #expect(lines.first?.contains(TestIssuer.tenantID) == true)
        #expect(lines.first?.contains("unverified_tenant") == true)
        #expect(!lines.joined().contains("invalid("))
        #expect(!lines.joined().contains(token.suffix(40)))
        #expect(lines.last?.contains("There is no bearer token") == true)
    }

    @Test func theLogOfA403HasTheCommandThatWouldAllowItOnceInAWhile() async throws {
        let vault = try await VaultFixture(permissions: "")
        for _ in 0..<20 {
            #expect(try await vault.send(.post, Self.path, bearer: vault.bearer()).status == 403)
        }
        let lines = vault.logs.lines.filter { $0.contains("token-vault policy grant") }
        #expect(lines.count == 1)
        #expect(
            lines.first?.contains(
                "token-vault policy grant --tenant \(TestIssuer.tenantID) --object \(TestIssuer.objectID) --permissions Get"
            ) == true
        )
    }

    @Test func theLogOfA403QuotesNoIdThatAShellWouldRun() async throws {
        let vault = try await VaultFixture(permissions: "")
        let token = try vault.bearer { $0["oid"] = "$(reboot)" }
        #expect(try await vault.send(.post, Self.path, bearer: token).status == 403)
        #expect(vault.logs.text.contains("--object ID --permissions Get"))
        #expect(!vault.logs.lines.contains { $0.contains("policy grant") && $0.contains("reboot") })
    }

    @Test func anIssuerThatIsDownIs503() async throws {
        let vault = try await VaultFixture(answer: { _ in throw TransportError(.connection, "refused") })
        let reply = try await vault.send(.post, Self.path, bearer: vault.bearer())
        #expect(reply.status == 503)
        #expect(reply.headers[.retryAfter] == "5")
        #expect(reply.headers[.wwwAuthenticate] == nil)
        #expect(reply.body.hasPrefix(#"{"error":{"code":"IssuerUnavailable","message":"#))
    }

    @Test(arguments: [
        ("PATCH", Self.path, "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
        ("TRACE", Self.path, "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
        ("PROPFIND", Self.path, "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
        ("get", Self.path, "DELETE, GET, HEAD, OPTIONS, POST, PUT"), ("POST", "/services", "GET, HEAD, OPTIONS"),
        ("GET", Self.path + "/accesstoken", "OPTIONS, POST"),
        ("HEAD", Self.path + "/accesstoken", "OPTIONS, POST"), ("BREW", Self.path + "/accesstoken", "OPTIONS, POST"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"), ("X", "/readyz", "GET, HEAD, OPTIONS"),
    ])
    func anotherMethodIs405(method: String, path: String, allow: String) async throws {
        let vault = try await VaultFixture()
        let reply = try await vault.send(try #require(HTTPRequest.Method(method)), path, bearer: vault.bearer())
        #expect(reply.status == 405)
        #expect(reply.headers[.allow] == allow)
        #expect(reply.body == #"{"error":{"code":"MethodNotAllowed","message":"This address answers \#(allow)."}}"#)
        #expect(reply.headers[.cacheControl] == "no-store")
    }

    @Test(arguments: ["GET", "PROPFIND", "OPTIONS"])
    func whatIsNowhereIsNotFoundByAnyMethod(method: String) async throws {
        let vault = try await VaultFixture()
        let reply = try await vault.send(try #require(HTTPRequest.Method(method)), "/nowhere", bearer: vault.bearer())
        #expect(reply.status == 404)
        #expect(reply.body == #"{"error":{"code":"NotFound","message":"There is nothing at this address."}}"#)
    }

    @Test(arguments: [(Self.path, "DELETE, GET, HEAD, OPTIONS, POST, PUT"), ("/healthz", "GET, HEAD, OPTIONS")])
    func optionsSaysWhatIsAllowedToAnybody(path: String, allow: String) async throws {
        let vault = try await VaultFixture()
        let reply = try await vault.send(.options, path)
        #expect(reply.status == 204)
        #expect(reply.headers[.allow] == allow)
        #expect(reply.headers[.accessControlAllowOrigin] == nil)
        #expect(reply.body.isEmpty)
        #expect(try await vault.audit().isEmpty)
    }

    @Test(arguments: [
        "/", "/service", "/services/dropbox/token", Self.path + "/accesstoken/x", "/SERVICES/dropbox/tokens/x",
    ])
    func anotherAddressIsNotFound(path: String) async throws {
        let vault = try await VaultFixture()
        let reply = try await vault.send(.get, path, bearer: vault.bearer())
        #expect(reply.status == 404)
        #expect(reply.body == #"{"error":{"code":"NotFound","message":"There is nothing at this address."}}"#)
        #expect(reply.headers[.cacheControl] == "no-store")
    }

    @Test func aCredentialThatWasTamperedWithIsNotGiven() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        try await vault.importToken("other secret", name: "other")
        // The other token's sealed value, put in this one's row.
        try await vault.store.pool.write { db in
            try db.execute(
                sql: """
                    UPDATE credential SET access_token =
                        (SELECT access_token FROM credential ORDER BY token_id DESC LIMIT 1)
                    """
            )
        }
        let reply = try await vault.send(.post, Self.path, bearer: vault.bearer())
        #expect(reply.status == 500)
        #expect(reply.body.hasPrefix(#"{"error":{"code":"CredentialDamaged""#))
        #expect(try await vault.audit() == ["\(Self.row) postToken dropbox/sample damaged"])
    }

    @Test func whatCannotBeWrittenDownIsNotGiven() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        try await vault.store.pool.write { try $0.execute(sql: "DROP TABLE audit") }
        let reply = try await vault.send(.post, Self.path, bearer: vault.bearer())
        #expect(reply.status == 503)
        #expect(reply.body.hasPrefix(#"{"error":{"code":"StoreUnavailable""#))
        #expect(!reply.body.contains("secret"))
    }

    @Test func aHeadRequestHasNoBody() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("secret")
        let reply = try await vault.send(.head, Self.path, bearer: vault.bearer())
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
    }
}
