import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import TokenPage

/// Which requests go to an API, as a plain value decides it.
@Suite struct EgressRuleTests {
    private static let rule = EgressRule(
        tokenURL: URL(filePath: "/none"),
        methods: ["GET", "POST"],
        paths: ["/2/users/", "/2/files"],
        hosts: Set(EgressRule.standardHosts),
        authorization: .standard,
        secret: nil
    )

    private static func refusal(
        _ target: String = "/2/users/get",
        method: String = "GET",
        rule: EgressRule = Self.rule,
        _ variables: [String: String] = [:]
    ) -> HTTPResponse.Status? {
        let standard = [
            "REMOTE_ADDR": "unix:", "HTTP_HOST": "egress", "REQUEST_URI": target, "TOKEN_EGRESS_METHOD": method,
        ]
        let all = standard.merging(variables) { $1 }.map { (name: $0.key, value: $0.value) }
        let head = HTTPRequest(method: .get, scheme: "http", authority: "egress", path: "/.token-egress")
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        return rule.refusal(of: EgressRequest(request, variables: MetaVariables(all)))?.status
    }

    @Test(arguments: [
        "/2/users/", "/2/users/get_current_account", "/2/users/x?next=/../..", "/2/files", "/2/files/list",
        "/2/users/a%20b", "/2/users/%C3%BC", "/2/users/a@b;c=d", "/2/users/a..b", "/2/users/...",
    ])
    func aPathBelowTheRuleGoesOn(target: String) {
        #expect(Self.refusal(target) == nil)
    }

    @Test(arguments: [
        ("/2/user", 403), ("/2/users", 403), ("/2/filesystem", 403), ("/", 403), ("/1/users/get", 403),
        ("/2/users/../auth/token/revoke", 400), ("/2/users/..", 400), ("/2/users/./x", 400), ("//2/users/", 400),
        ("/2/users//x", 400), ("/2/users/%2e%2e/auth", 400), ("/2/users/%2E./x", 400), ("/2/users/..%2fauth", 400),
        ("/2/users/x%5c..%5cauth", 400), ("/2/users/x\\..\\auth", 400), ("/2/users/%00", 400),
        ("/2/users/%0d%0aX:", 400),
        ("/2/users/%252e%252e/auth", 400), ("/2/users/..;/auth", 400), ("/2/users/%3b", 400), ("/2/users/%", 400),
        ("/2/users/%zz", 400), ("/2/users/%2", 400), ("/%32/users/get", 400), ("/2/users/ü", 400),
        ("http://egress/2/users/get", 400), ("", 400), ("*", 400),
    ])
    func everyOtherPathIsRefused(target: String, status: Int) {
        #expect(Self.refusal(target)?.code == status)
    }

    @Test(arguments: ["DELETE", "PUT", "PATCH", "OPTIONS", "CONNECT", "get", "", "HEAD"])
    func aMethodOutsideOfTheRuleIsRefused(method: String) {
        #expect(Self.refusal(method: method) == .methodNotAllowed)
    }

    @Test(arguments: [
        ["HTTP_ORIGIN": "https://evil.example"], ["HTTP_ORIGIN": "null"], ["HTTP_SEC_FETCH_SITE": "same-origin"],
        ["HTTP_SEC_FETCH_SITE": "none"], ["HTTP_SEC_FETCH_DEST": "image"],
    ])
    func aPageInABrowserIsRefused(variables: [String: String]) {
        #expect(Self.refusal(variables) == .forbidden)
        #expect(Self.refusal(variables.merging(["HTTP_SEC_FETCH_MODE": "no-cors"]) { $1 }) == .forbidden)
    }

    /// fetch() of Node.js says it in every request, and no page can leave the others out.
    @Test(arguments: ["cors", "no-cors", "same-origin", ""])
    func aProgramThatNamesAModeIsNoBrowser(mode: String) {
        #expect(Self.refusal(["HTTP_SEC_FETCH_MODE": mode]) == nil)
    }

    private static func refusal(_ variables: [String: String]) -> HTTPResponse.Status? {
        self.refusal("/2/users/get", variables)
    }

    @Test(arguments: [
        ("egress", true), ("EGRESS", true), ("localhost:8079", true), ("127.0.0.1", true), ("[::1]:8079", true),
        ("evil.example", false), ("127.0.0.1.evil.example", false), ("", false), ("[::1", false), ("egress:x", false),
    ])
    func aReboundNameIsRefused(host: String, goesOn: Bool) {
        #expect((Self.refusal(["HTTP_HOST": host]) == nil) == goesOn, "\(host)")
    }

    @Test func overTCPACallerHasToKnowTheSecret() {
        let secret = "0123456789abcdef"
        let address = ["REMOTE_ADDR": "127.0.0.1"]
        #expect(Self.refusal(address) == .forbidden)
        #expect(Self.refusal(address.merging(["HTTP_X_EGRESS_SECRET": secret]) { $1 }) == .forbidden)
        let guarded = EgressRule(
            tokenURL: Self.rule.tokenURL,
            methods: Self.rule.methods,
            paths: Self.rule.paths,
            hosts: Self.rule.hosts,
            authorization: .standard,
            secret: SharedSecret(secret)
        )
        for (given, goesOn) in [(secret, true), ("0123456789abcdeg", false), ("", false)] {
            let variables = address.merging(["HTTP_X_EGRESS_SECRET": given]) { $1 }
            #expect((Self.refusal(rule: guarded, variables) == nil) == goesOn)
        }
        #expect(Self.refusal(rule: guarded, address) == .forbidden)
        #expect(Self.refusal(rule: guarded) == nil)
        #expect("\(guarded)".contains(secret) == false)
    }

    @Test(arguments: [
        ("Bearer {token}", "Bearer t"), ("token {token}", "token t"), ("Zoho-oauthtoken {token}", "Zoho-oauthtoken t"),
        ("OAuth token={token}, v=1", "OAuth token=t, v=1"),
    ])
    func theAPIGetsTheTokenInItsOwnForm(form: String, value: String) {
        #expect(EgressAuthorization(form: form)?.value(token: "t") == value)
    }

    @Test func aTokenThatWouldEndTheHeaderIsNotSent() {
        for token in ["a\r\nX: y", "a b", "ä", "a\u{0}"] {
            #expect(EgressAuthorization.standard.value(token: token) == nil)
        }
        #expect(EgressAuthorization(form: "Bearer") == nil)
        #expect(EgressAuthorization(form: "{token}{token}") == nil)
        #expect(EgressAuthorization(form: "a\n{token}") == nil)
    }
}
