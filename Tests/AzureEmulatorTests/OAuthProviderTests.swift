import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import AzureEmulator

struct OAuthProviderTests {
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let redirect = "http://127.0.0.1:8082/redirect"
    private static let issuer = "http://127.0.0.1:8081/oauth"

    private func query(_ changes: [String: String?] = [:]) -> String {
        var parameters: [String: String] = [
            "response_type": "code", "client_id": "local-client", "redirect_uri": Self.redirect, "scope": "files.read",
            "state": "st&te", "code_challenge": OAuthGrants.challenge(of: Self.verifier),
            "code_challenge_method": "S256",
        ]
        for (name, value) in changes { parameters[name] = value }
        return Self.form(parameters)
    }

    private static func form(_ parameters: [String: String]) -> String {
        let plain = CharacterSet.alphanumerics.union(["-", ".", "_", "~"])
        return parameters.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: plain) ?? "")" }
            .joined(separator: "&")
    }

    /// What stands in the `Location` of an answer.
    private func location(_ answer: Answer) throws -> (address: String, parameters: [String: String]) {
        let location = try #require(answer.headers[.location])
        let components = try #require(URLComponents(string: location))
        var parameters: [String: String] = [:]
        for item in components.queryItems ?? [] { parameters[item.name] = item.value }
        return (String(location.prefix { $0 != "?" }), parameters)
    }

    private func decide(
        _ emulator: EmulatorFixture,
        _ decision: String = "allow",
        person: String = "alice",
        _ changes: [String: String?] = [:]
    ) async throws -> Answer {
        let page = try await emulator.get("/oauth/authorize?" + self.query(changes))
        let match = try #require(page.body.firstMatch(of: /name="request" value="([^"]+)"/))
        return try await emulator.post(
            "/oauth/authorize",
            Self.form(["request": String(match.1), "decision": decision, "person": person])
        )
    }

    private func code(_ emulator: EmulatorFixture, person: String = "alice") async throws -> String {
        try #require(try self.location(try await self.decide(emulator, person: person)).parameters["code"])
    }

    private func token(
        _ emulator: EmulatorFixture,
        _ form: [String: String],
        isBasic: Bool = false
    ) async throws -> Answer {
        let secret = emulator.emulator.oauthClientSecret.value
        guard isBasic else {
            return try await emulator.post(
                "/oauth/token",
                Self.form(form.merging(["client_id": "local-client", "client_secret": secret]) { $1 })
            )
        }
        let header = "Basic " + Data("local-client:\(secret)".utf8).base64EncodedString()
        return try await emulator.post("/oauth/token", Self.form(form), ["Authorization": header])
    }

    private func logIn(_ emulator: EmulatorFixture, person: String = "alice", isBasic: Bool = false) async throws
        -> Answer
    {
        let code = try await self.code(emulator, person: person)
        return try await self.token(
            emulator,
            [
                "grant_type": "authorization_code", "code": code, "redirect_uri": Self.redirect,
                "code_verifier": Self.verifier,
            ],
            isBasic: isBasic
        )
    }

    private func refresh(_ emulator: EmulatorFixture, _ token: String) async throws -> Answer {
        try await self.token(emulator, ["grant_type": "refresh_token", "refresh_token": token])
    }

    @Test(arguments: [true, false])
    func aPersonLogsInAndTheClientGetsATokenOfTheirs(isBasic: Bool) async throws {
        let emulator = try await EmulatorFixture()
        let answer = try await self.logIn(emulator, person: "bob", isBasic: isBasic)
        #expect(answer.status == 200)
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.json["token_type"] == "Bearer")
        #expect(answer.json["expires_in"] == "60")
        #expect(answer.json["scope"] == "files.read")
        #expect(answer.json["refresh_token"]?.isEmpty == false)
        let accessToken = try #require(answer.json["access_token"])
        let info = try await emulator.get("/oauth/userinfo", ["Authorization": "Bearer \(accessToken)"])
        #expect(info.json["preferred_username"] == "bob")
        #expect(info.json["email"] == "bob@example.com")
        #expect(try await emulator.get("/oauth/userinfo", ["Authorization": "Bearer x"]).status == 401)
        #expect(try await emulator.get("/oauth/userinfo").status == 401)
    }

    @Test func thePersonGoesBackWithCodeStateAndIssuer() async throws {
        let emulator = try await EmulatorFixture.shared.value
        let answer = try await self.decide(emulator)
        #expect(answer.status == 303)
        let (address, parameters) = try self.location(answer)
        #expect(address == Self.redirect)
        #expect(parameters["state"] == "st&te")
        #expect(parameters["iss"] == Self.issuer)
        #expect(parameters["code"]?.isEmpty == false)
        #expect(parameters["error"] == nil)
    }

    @Test func aQueryOfTheAddressIsKept() async throws {
        let emulator = try await EmulatorFixture.shared.value
        let answer = try await self.decide(emulator, "allow", ["redirect_uri": Self.redirect + "?a=b"])
        #expect(answer.headers[.location]?.hasPrefix(Self.redirect + "?a=b&code=") == true)
    }

    @Test func whoCancelsGoesBackWithAnErrorAndNoCode() async throws {
        let emulator = try await EmulatorFixture.shared.value
        let (_, parameters) = try self.location(try await self.decide(emulator, "cancel"))
        #expect(parameters["error"] == "access_denied")
        #expect(parameters["state"] == "st&te")
        #expect(parameters["iss"] == Self.issuer)
        #expect(parameters["code"] == nil)
    }

    @Test(
        arguments: [
            (["code_challenge": nil], "invalid_request"), (["code_challenge_method": nil], "invalid_request"),
            (["code_challenge_method": "plain"], "invalid_request"), (["code_challenge": "short"], "invalid_request"),
            (["response_type": "token"], "unsupported_response_type"),
            (["response_type": nil], "unsupported_response_type"),
        ] as [([String: String?], String)]
    )
    func withoutPKCEOrACodeTheClientIsTold(changes: [String: String?], error: String) async throws {
        let emulator = try await EmulatorFixture.shared.value
        let answer = try await emulator.get("/oauth/authorize?" + self.query(changes))
        #expect(answer.status == 303)
        let (address, parameters) = try self.location(answer)
        #expect(address == Self.redirect)
        #expect(parameters["error"] == error)
        #expect(parameters["iss"] == Self.issuer)
    }

    @Test(
        arguments: [
            ["client_id": "other"], ["client_id": nil], ["redirect_uri": nil],
            ["redirect_uri": "https://evil.example/"],
            ["redirect_uri": "http://127.0.0.1.evil.example/"], ["redirect_uri": "http://127.0.0.1@evil.example/"],
            ["redirect_uri": "javascript:alert(1)"], ["redirect_uri": "http://127.0.0.1/#x"], ["redirect_uri": "x"],
        ] as [[String: String?]]
    )
    func nobodyIsSentToAnAddressThatIsNotTheClients(changes: [String: String?]) async throws {
        let emulator = try await EmulatorFixture.shared.value
        let answer = try await emulator.get("/oauth/authorize?" + self.query(changes))
        #expect(answer.status == 400)
        #expect(answer.headers[.location] == nil)
        #expect(answer.body.contains("This request cannot be answered"))
    }

    @Test func registeredAddressesAreComparedExactly() async throws {
        let emulator = try await EmulatorFixture(environment: [
            "AZURE_EMULATOR_OAUTH_REDIRECT_URIS": "https://vault.example.com/redirect, \(Self.redirect)"
        ])
        #expect(try await emulator.get("/oauth/authorize?" + self.query()).status == 200)
        for address in [Self.redirect + "/", Self.redirect + "?x", "http://127.0.0.1:8082/redirect2"] {
            #expect(try await emulator.get("/oauth/authorize?" + self.query(["redirect_uri": address])).status == 400)
        }
    }

    @Test func aPageIsAnsweredOnce() async throws {
        let emulator = try await EmulatorFixture.shared.value
        let page = try await emulator.get("/oauth/authorize?" + self.query())
        let match = try #require(page.body.firstMatch(of: /name="request" value="([^"]+)"/))
        let form = Self.form(["request": String(match.1), "decision": "allow", "person": "alice"])
        #expect(try await emulator.post("/oauth/authorize", form).status == 303)
        #expect(try await emulator.post("/oauth/authorize", form).status == 400)
        #expect(try await emulator.post("/oauth/authorize", "decision=allow&person=alice").status == 400)
    }

    @Test func thePageRunsNothingAndShowsWhatTheClientSaysAsText() async throws {
        let emulator = try await EmulatorFixture.shared.value
        let answer = try await emulator.get(
            "/oauth/authorize?" + self.query(["scope": "<script>alert(1)</script>\"'"])
        )
        #expect(answer.status == 200)
        #expect(!answer.body.contains("<script"))
        #expect(answer.body.contains("&lt;script&gt;"))
        let policy = try #require(answer.headers[.contentSecurityPolicy])
        #expect(policy.hasPrefix("default-src 'none'"))
        #expect(policy.contains("frame-ancestors 'none'"))
        // The answer to the form leads to the client, and from there to an application: a browser has to be told of both.
        #expect(
            policy.hasSuffix("form-action 'self' http://127.0.0.1:8082 http://127.0.0.1:* http://localhost:*")
        )
    }

    @Test(arguments: [
        ["code_verifier": "wrong"], ["redirect_uri": "http://127.0.0.1:8082/other"], ["code": "wrong"],
    ])
    func aCodeIsRedeemedOnlyAsItWasAskedFor(changes: [String: String]) async throws {
        let emulator = try await EmulatorFixture()
        let form = [
            "grant_type": "authorization_code", "code": try await self.code(emulator), "redirect_uri": Self.redirect,
            "code_verifier": Self.verifier,
        ]
        let answer = try await self.token(emulator, form.merging(changes) { $1 })
        #expect(answer.status == 400)
        #expect(answer.json["error"] == "invalid_grant")
    }

    @Test func aClientThatDoesNotProveItselfGetsNothing() async throws {
        let emulator = try await EmulatorFixture()
        for form in [
            "grant_type=refresh_token&refresh_token=x",
            "grant_type=refresh_token&client_id=local-client&client_secret=x",
            "grant_type=refresh_token&client_id=other&client_secret=\(emulator.emulator.oauthClientSecret.value)",
        ] {
            let answer = try await emulator.post("/oauth/token", form)
            #expect(answer.status == 401)
            #expect(answer.json["error"] == "invalid_client")
        }
        let header = "Basic " + Data("local-client:wrong".utf8).base64EncodedString()
        let basic = try await emulator.post("/oauth/token", "grant_type=refresh_token", ["Authorization": header])
        #expect(basic.status == 401)
        #expect(basic.headers[.wwwAuthenticate] == #"Basic realm="oauth""#)
        #expect(try await self.token(emulator, ["grant_type": "password"]).json["error"] == "unsupported_grant_type")
    }

    @Test func inTheStrictKindTheThiefAndTheOwnerAreBothLockedOut() async throws {
        let emulator = try await EmulatorFixture()
        let first = try #require(try await self.logIn(emulator).json["refresh_token"])
        let second = try #require(try await self.refresh(emulator, first).json["refresh_token"])
        let reuse = try await self.refresh(emulator, first)
        #expect(reuse.status == 400)
        #expect(reuse.json["error"] == "invalid_grant")
        #expect(try await self.refresh(emulator, second).status == 400)
        let counts = try await emulator.get("/oauth/counts").json
        #expect(counts["refreshes"] == "3")
        #expect(counts["reusedRefreshTokens"] == "1")
        #expect(counts["revokedFamilies"] == "1")
    }

    @Test(arguments: [("none", true), ("grace", true), ("previous-until-used", true), ("strict", false)])
    func theSettingChoosesTheKind(name: String, isSecondUseAccepted: Bool) async throws {
        let emulator = try await EmulatorFixture(environment: [
            "AZURE_EMULATOR_OAUTH_ROTATION": name, "AZURE_EMULATOR_OAUTH_LIFETIME": "7",
        ])
        let login = try await self.logIn(emulator).json
        #expect(login["expires_in"] == "7")
        let token = try #require(login["refresh_token"])
        #expect(try await self.refresh(emulator, token).status == 200)
        #expect((try await self.refresh(emulator, token).status == 200) == isSecondUseAccepted)
    }

    @Test func twoHundredUsesAtOnceOfAStrictTokenGiveOneAnswer() async throws {
        let emulator = try await EmulatorFixture()
        let token = try #require(try await self.logIn(emulator).json["refresh_token"])
        let good = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<200 {
                group.addTask { try await self.refresh(emulator, token).status }
            }
            return try await group.reduce(into: 0) { $0 += $1 == 200 ? 1 : 0 }
        }
        #expect(good == 1)
    }

    @Test func aRevokedTokenIsOfNoUse() async throws {
        let emulator = try await EmulatorFixture()
        let login = try await self.logIn(emulator).json
        let refreshToken = try #require(login["refresh_token"])
        let accessToken = try #require(login["access_token"])
        let secret = emulator.emulator.oauthClientSecret.value
        let proof = "client_id=local-client&client_secret=\(secret)"
        #expect(try await emulator.post("/oauth/revoke", "token=unknown&\(proof)").status == 200)
        #expect(try await emulator.post("/oauth/revoke", "token=\(refreshToken)").status == 401)
        #expect(try await emulator.get("/oauth/userinfo", ["Authorization": "Bearer \(accessToken)"]).status == 200)
        #expect(try await emulator.post("/oauth/revoke", "token=\(refreshToken)&\(proof)").status == 200)
        #expect(try await emulator.get("/oauth/userinfo", ["Authorization": "Bearer \(accessToken)"]).status == 401)
        #expect(try await self.refresh(emulator, refreshToken).json["error"] == "invalid_grant")
    }

    @Test func theProviderDescribesItself() async throws {
        let emulator = try await EmulatorFixture.shared.value
        for path in [
            "/.well-known/oauth-authorization-server/oauth", "/oauth/.well-known/oauth-authorization-server",
            "/oauth/.well-known/openid-configuration",
        ] {
            let answer = try await emulator.get(path)
            #expect(answer.status == 200)
            #expect(answer.json["issuer"] == Self.issuer)
            #expect(answer.json["token_endpoint"] == Self.issuer + "/token")
            #expect(answer.json["authorization_endpoint"] == Self.issuer + "/authorize")
            #expect(answer.json["revocation_endpoint"] == Self.issuer + "/revoke")
            #expect(answer.body.contains(#""code_challenge_methods_supported":["S256"]"#))
            #expect(answer.body.contains(#""authorization_response_iss_parameter_supported":true"#))
        }
    }

    @Test func aTestMakesThingsGoWrong() async throws {
        let emulator = try await EmulatorFixture()
        let token = try #require(try await self.logIn(emulator).json["refresh_token"])
        let faults = """
            [{"kind":"fail","status":429,"retryAfter":7},{"kind":"delay","seconds":0.01},{"kind":"unreadable"},
             {"kind":"loseAnswer"}]
            """
        #expect(try await emulator.post("/oauth/faults", faults).status == 400)
        #expect(
            try await emulator.post("/oauth/faults", faults, ["Content-Type": "application/json"]).status == 204
        )
        let failed = try await self.refresh(emulator, token)
        #expect(failed.status == 429)
        #expect(failed.headers[.retryAfter] == "7")
        // Nothing was done then.
        let second = try #require(try await self.refresh(emulator, token).json["refresh_token"])
        let unreadable = try await self.refresh(emulator, second)
        #expect(unreadable.status == 200)
        #expect(unreadable.json.isEmpty)
        // This one rotated too: the answer that was cut is lost for good.
        let lost = try await self.refresh(emulator, second)
        #expect(lost.status == 400)
        #expect(try await emulator.get("/oauth/counts").json["reusedRefreshTokens"] == "1")
    }

    @Test func anAnswerIsLostAfterTheTokenWasReplaced() async throws {
        let emulator = try await EmulatorFixture(environment: ["AZURE_EMULATOR_OAUTH_ROTATION": "grace"])
        let token = try #require(try await self.logIn(emulator).json["refresh_token"])
        _ = try await emulator.post(
            "/oauth/faults",
            #"[{"kind":"loseAnswer"}]"#,
            ["Content-Type": "application/json"]
        )
        let lost = try await self.refresh(emulator, token)
        #expect(lost.status == 502)
        #expect(lost.headers[.contentType] == "text/html")
        #expect(try await self.refresh(emulator, token).status == 200)
        #expect(try await emulator.get("/oauth/counts").json["refreshes"] == "2")
    }

    @Test func nothingOfALoginIsLogged() async throws {
        let emulator = try await EmulatorFixture()
        let logs = LogCapture()
        let form =
            "grant_type=authorization_code&code=SECRET-1&code_verifier=SECRET-2&client_id=a&client_secret=SECRET-3"
        _ = try await emulator.post("/oauth/token", form, logger: logs.logger)
        _ = try await emulator.get("/oauth/authorize?client_id=x&state=SECRET-4", logger: logs.logger)
        #expect(!logs.text.contains("SECRET"))
    }
}
