import Foundation
import HTTPTypes
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import TokenVault
@testable import VaultSQLite

struct TokenManagementRoutesTests {
    private static let path = "/services/dropbox/tokens/sample"
    private static let all = "Get,List,CreateOrUpdate,Delete"

    /// As clients of the service wrote them.
    @Test(arguments: [
        (#"{"displayName":"x"}"#, "x"), (#"{"displayname":"x"}"#, "x"), (#"{"properties":{"displayName":"x"}}"#, "x"),
        ("{ 'name' : 'x' }", "sample"), ("", "sample"), ("{}", "sample"), (#"{"name":"other"}"#, "sample"),
    ])
    func everyFormOfABodyIsUnderstood(body: String, displayName: String) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let reply = try await vault.send(.put, Self.path, body: body)
        #expect(reply.status == 201)
        #expect(
            reply.body == """
                {"displayName":"\(displayName)","location":"local",\
                "loginUri":"https://vault.example.com/services/dropbox/tokens/sample/login",\
                "name":"sample","parameterValues":{},\
                "status":{"error":{"code":"Unauthenticated","message":"This connection is not authenticated."},\
                "state":"Error"},\
                "tokenUri":"https://vault.example.com/services/dropbox/tokens/sample","value":null}
                """
        )
        #expect(try await vault.send(.put, Self.path, body: body).status == 200)
    }

    @Test func puttingAgainKeepsTheLogin() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        try await vault.importToken("secret")
        let reply = try await vault.send(.put, Self.path, body: "{ 'name' : 'x' }")
        #expect(reply.status == 200)
        #expect(reply.body.contains(#""status":{"state":"Ok"}"#))
        #expect(reply.body.contains(#""value":null"#))
        #expect(try await vault.send(.post, Self.path, bearer: vault.bearer()).body.contains("secret"))
    }

    @Test(arguments: ["/services/none/tokens/sample", "/services/a%20b/tokens/sample"])
    func aTokenNeedsItsService(path: String) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let reply = try await vault.send(.put, path, body: "{}")
        #expect(reply.status == 404)
        #expect(reply.body == #"{"error":{"code":"NotFound","message":"The store has no such service."}}"#)
    }

    @Test(arguments: [
        "/services/dropbox/tokens/a%20b", "/services/dropbox/tokens/" + String(repeating: "a", count: 129),
    ])
    func aNameThatIsNoneIsRefused(path: String) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let reply = try await vault.send(.put, path, body: "{}")
        #expect(reply.status == 400)
        #expect(reply.body.contains("That cannot be a name"))
    }

    @Test func tokensAreListedInPagesWithoutTheirValues() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        try await vault.importToken("the-secret", name: "a")
        for number in 1000..<2000 {
            _ = try await vault.store.putToken(
                service: "dropbox",
                name: "t\(number)",
                displayName: nil,
                returnURLs: nil
            )
        }
        let first = try await vault.send(.get, "/services/dropbox/tokens", body: "")
        #expect(!first.body.contains("the-secret"))
        let link = try #require(JSONTree(body: Data(first.body.utf8))?["nextLink"]?.text)
        #expect(link == "https://vault.example.com/services/dropbox/tokens?after=t1998")
        let next = try await vault.send(.get, String(try #require(link.split(separator: ".com").last)), body: "")
        #expect(next.body.contains(#""name":"t1999""#))
        #expect(!next.body.contains("nextLink"))
        #expect(try await vault.send(.get, "/services/none/tokens", body: "").status == 404)
    }

    @Test(arguments: ["599", "31536001", "1e400", "-1", "true", #""86400""#, "NaN"])
    func aLifetimeThatIsNoneIsRefused(text: String) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        #expect(try await vault.send(.put, Self.path, body: #"{"unsavedLifetime":\#(text)}"#).status == 400)
        #expect(try await vault.store.tokens().isEmpty)
    }

    @Test func aTokenIsDeleted() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        try await vault.importToken("secret")
        let reply = try await vault.send(.delete, Self.path, body: "")
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
        #expect(try await vault.send(.get, Self.path, bearer: vault.bearer()).status == 404)
        #expect(try await vault.send(.delete, Self.path, body: "").status == 404)
    }

    @Test func aBodyThatIsTooLongIsRefused() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        let body = #"{"displayName":"\#(String(repeating: "x", count: RequestBody.limit))"}"#
        #expect(try await vault.send(.put, Self.path, body: body).status == 413)
        let long = #"{"displayName":"\#(String(repeating: "x", count: 1025))"}"#
        #expect(try await vault.send(.put, Self.path, body: long).status == 400)
    }

    @Test(arguments: TokenProblem.allCases)
    func whatIsWrongWithATokenIsInItsState(problem: TokenProblem) async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        try await vault.importToken("secret", expiresIn: 60)
        let version = try #require(
            try await vault.store.token(service: "dropbox", name: "sample")?.credential?.version
        )
        #expect(
            try await vault.store.setProblem(problem, version: version, service: "dropbox", token: "sample")
        )
        let reply = try await vault.send(.get, Self.path, bearer: vault.bearer())
        #expect(reply.status == 200)
        #expect(reply.body.contains(#""code":"\#(problem.rawValue)""#))
        #expect(reply.body.contains("secret") == problem.isServedWhileItLives)
        let post = try await vault.send(.post, Self.path, bearer: vault.bearer())
        #expect(post.status == (problem.isServedWhileItLives ? 200 : 400))
        vault.clock.advance(by: .seconds(60))
        #expect(try await vault.send(.post, Self.path, bearer: vault.bearer()).status == 400)
    }
}
