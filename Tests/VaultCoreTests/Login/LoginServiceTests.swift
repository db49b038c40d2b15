import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultSQLite
import VaultTestSupport

@testable import VaultCore

@Suite("LoginService", .timeLimit(.minutes(5)))
struct LoginServiceTests {
    static let good: FakeTransport.Answer = { _ in
        TransportResponse(
            200,
            #"{"access_token":"the-at","refresh_token":"the-rt","expires_in":3600,"user_id":"7","scope":"a b"}"#
        )
    }
    static let identity = #""identity": {"answer": {"subject": "user_id", "email": "mail"}}"#

    @Test func aLoginGivesACodeAndTheCodeTheToken() async throws {
        let vault = try await Vault(Self.good)
        let (page, cookie) = try await vault.begin()
        #expect(page["client_id"] == "id")
        #expect(page["scope"] == "a b")
        #expect(page["redirect_uri"] == Vault.redirectURI)
        let state = try #require(page["state"])
        let location = try await vault.finish(query: FormFields("state=\(state)&code=c"), cookie: cookie)
        let code = try #require(FormFields(location.drop { $0 != "?" }.dropFirst())["code"])
        // Nothing is the token's until save.
        #expect(try await vault.accessToken() == nil)
        let saved = try await vault.save(code)
        guard case .saved = saved else {
            Issue.record("\(saved)")
            return
        }
        #expect(try await vault.accessToken() == "the-at")
        let again = try await vault.save(code)
        #expect(again == .unknownCode)
        let exchange = try #require(vault.transport.requests.first)
        let verifier = try #require(exchange.fields["code_verifier"].flatMap { RandomSecret($0) })
        #expect(verifier.challenge == page["code_challenge"])
        #expect(exchange.fields["redirect_uri"] == Vault.redirectURI)
        #expect(exchange.fields["client_secret"] == "s3cret-value")
    }

    @Test func aCodeIsForOneTokenOfOneService() async throws {
        let vault = try await Vault(Self.good)
        _ = try await vault.store.putToken(service: "svc", name: "other", displayName: nil, returnURLs: nil)
        let code = try #require(try await vault.login()["code"])
        let wrong = try await vault.save(code, token: "other", allowAccountChange: true)
        #expect(wrong == .unknownCode)
    }

    @Test func aStateWorksOnce() async throws {
        let vault = try await Vault(Self.good)
        let (page, cookie) = try await vault.begin()
        let query = FormFields("state=\(page["state"] ?? "")&code=c")
        _ = try await vault.service.finish(query: query, cookie: cookie)
        await #expect(throws: LoginError.unknownState) { try await vault.service.finish(query: query, cookie: cookie) }
        #expect(vault.transport.requests.count == 1)
    }

    @Test func aStateIsForgottenAfterTenMinutes() async throws {
        let vault = try await Vault(Self.good)
        let (page, cookie) = try await vault.begin()
        vault.clock.advance(by: .seconds(601))
        await #expect(throws: LoginError.unknownState) {
            try await vault.service.finish(query: FormFields("state=\(page["state"] ?? "")&code=c"), cookie: cookie)
        }
        #expect(vault.transport.requests.isEmpty)
    }

    @Test(arguments: ["state=&code=c", "code=c", "state=x", "state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code=c"])
    func aStateThatIsNobodysIsRefused(query: String) async throws {
        let vault = try await Vault(Self.good)
        await #expect(throws: LoginError.unknownState) {
            try await vault.service.finish(query: FormFields(query), cookie: RandomSecret().text)
        }
    }

    @Test func aLoginThatBeganInAnotherBrowserIsRefused() async throws {
        let vault = try await Vault(Self.good)
        for cookie in [nil, "", RandomSecret().text] {
            let (page, _) = try await vault.begin()
            await #expect(throws: LoginError.otherBrowser) {
                try await vault.service.finish(query: FormFields("state=\(page["state"] ?? "")&code=c"), cookie: cookie)
            }
        }
        #expect(vault.transport.requests.isEmpty)
    }

    @Test(
        arguments: [
            nil, "", "https://evil.example/", "https://app.example/other", "https://app.example.evil/done",
            "https://app.example@evil.example/done", "https://app.example/done/../other", "http://app.example/done",
            "//app.example/done", "https://app.example\\@evil.example/done", "https://app.example/done#x",
            "https://app.example/done%2f..%2fother", "javascript:alert(1)", "https://app.example:444/done",
        ] as [String?]
    )
    func aBrowserIsSentOnlyWhereItMayGo(target: String?) async throws {
        let vault = try await Vault(Self.good)
        await #expect(throws: LoginError.self) { try await vault.begin(target: target) }
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var columns = ""
        var query = "state=STATE&code=the-code"
        var status = 400
        var body = "{}"
        let error: String
        let text: String
    }

    static let failures = [
        Failure(
            testDescription: "the person said no",
            query: "state=STATE&error=access_denied&error_description=No%20thanks",
            error: "access_denied",
            text: "No thanks"
        ),
        Failure(
            testDescription: "an error that is none",
            query: "state=STATE&error=%0D%0Aa%22b",
            error: "ab",
            text: ""
        ),
        Failure(
            testDescription: "no code",
            query: "state=STATE",
            error: "invalid_response",
            text: "The provider sent the browser back without a code."
        ),
        Failure(
            testDescription: "a wrong secret",
            body: #"{"error":"invalid_client","error_description":"Bad s3cret-value"}"#,
            error: "invalid_client",
            text: "Bad <<Redacted>>"
        ),
        Failure(testDescription: "a used code", body: #"{"error":"invalid_grant"}"#, error: "invalid_grant", text: ""),
        Failure(
            testDescription: "a page of a proxy",
            status: 502,
            body: "<html>",
            error: "server_error",
            text: "The provider's answer cannot be read (status 502)."
        ),
        Failure(
            testDescription: "a server that shows what it could not store",
            status: 500,
            body: #"""
                {"error":"internal_server_error","error_description":"UNIQUE constraint failed: token.access_token\n[SQL: INSERT
                INTO token VALUES (?, ?)]\n[parameters: ('LWyLrMVzQK1T3yavrtB7y9VEETCnc2iGBTItAyIDUsrIWfPM', 60)]"}
                """#.replacingOccurrences(of: "\n", with: " "),
            error: "server_error",
            text: "The provider failed (status 500): log in again."
        ),
        Failure(
            testDescription: "a server that is busy",
            status: 503,
            body: #"{"error":"unavailable","error_description":"Try later"}"#,
            error: "temporarily_unavailable",
            text: "The provider failed (status 503): log in again."
        ),
        Failure(
            testDescription: "another issuer",
            columns: #""issuer": "https://p.example""#,
            query: "state=STATE&code=c&iss=https%3A%2F%2Fevil.example",
            error: "issuer_mismatch",
            text: "The answer came from another provider than the login went to."
        ),
        Failure(
            testDescription: "no issuer",
            columns: #""issuer": "https://p.example", "issRequired": true"#,
            error: "issuer_mismatch",
            text: "The answer does not say which provider it came from."
        ),
    ]

    @Test(arguments: failures)
    func aFailureGoesBackToTheApplicationInWords(failure: Failure) async throws {
        let vault = try await Vault(columns: failure.columns) { _ in TransportResponse(failure.status, failure.body) }
        let fields = try await vault.login(failure.query)
        #expect(fields["error"] == failure.error)
        #expect(fields["error_description"] == failure.text)
        #expect(fields["code"] == nil)
    }

    @Test func aProviderThatCannotBeReachedIsNoFault() async throws {
        let vault = try await Vault { _ in throw TransportError(.connection, "refused") }
        #expect(try await vault.login()["error"] == "temporarily_unavailable")
    }

    @Test func theNextSecretIsTriedWhenTheFirstIsRefused() async throws {
        let vault = try await Vault { request in
            request.fields["client_secret"] == "s3cret-value"
                ? TransportResponse(200, #"{"access_token":"at"}"#)
                : TransportResponse(401, #"{"error":"invalid_client"}"#)
        }
        _ = try await vault.store.addClientSecret("a-newer-one", to: "svc", sealer: vault.sealer)
        #expect(try await vault.login()["code"] != nil)
        #expect(vault.transport.requests.map { $0.fields["client_secret"] } == ["a-newer-one", "s3cret-value"])
    }

    @Test func aServiceThatWasPointedElsewhereDuringTheLoginGetsNoCode() async throws {
        let vault = try await Vault(Self.good)
        let (page, cookie) = try await vault.begin()
        try await vault.put(clientID: "another")
        let location = try await vault.finish(
            query: FormFields("state=\(page["state"] ?? "")&code=c"),
            cookie: cookie
        )
        #expect(location.contains("error=service_changed"))
        #expect(vault.transport.requests.isEmpty)
    }

    @Test func anotherAccountIsRefusedUnlessThatIsMeant() async throws {
        let who = Box("7")
        let vault = try await Vault(columns: Self.identity) { _ in
            TransportResponse(
                200,
                "{\"access_token\":\"at\(who.value)\",\"user_id\":\"\(who.value)\",\"mail\":\"\(who.value)@x.example\"}"
            )
        }
        let first = try #require(try await vault.login()["code"])
        _ = try await vault.save(first)
        who.withLock { $0 = "8" }
        let second = try #require(try await vault.login()["code"])
        let refused = try await vault.save(second)
        #expect(
            refused
                == .otherAccount(
                    present: Account(subject: "7", label: "7@x.example"),
                    new: Account(subject: "8", label: "8@x.example")
                )
        )
        #expect(try await vault.accessToken() == "at7")
        let meant = try await vault.save(second, allowAccountChange: true)
        guard case .saved = meant else {
            Issue.record("\(meant)")
            return
        }
        #expect(try await vault.accessToken() == "at8")
    }

    @Test func aCodeExchangeIsFinishedAlthoughTheBrowserHangsUp() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let (answered, answer) = AsyncStream.makeStream(of: Void.self)
        let vault = try await Vault { request in
            ask.yield()
            for await _ in answered { break }
            return try await Self.good(request)
        }
        let (page, cookie) = try await vault.begin()
        let query = FormFields("state=\(page["state"] ?? "")&code=c")
        let request = Task { try await vault.finish(query: query, cookie: cookie) }
        for await _ in asked { break }
        request.cancel()
        answer.yield()
        let location = try await request.value
        let code = try #require(FormFields(location.drop { $0 != "?" }.dropFirst())["code"])
        let saved = try await vault.save(code)
        guard case .saved = saved else {
            Issue.record("\(saved)")
            return
        }
    }

    @Test func aShortLivedTokenIsExchangedBeforeItIsKept() async throws {
        let columns = """
            "renewWith": "accessToken", "refreshParams": {"grant_type": "x", "t": "{accessToken}"},
            "upgrade": {"url": "https://p.example/long", "method": "GET", "params": {"t": "{accessToken}"}}
            """
        let vault = try await Vault(columns: columns) { request in
            request.url.path() == "/long"
                ? TransportResponse(
                    200,
                    "{\"access_token\":\"long-of-\(request.fields["t"] ?? "")\",\"expires_in\":5184000}"
                )
                : TransportResponse(200, #"{"access_token":"short","expires_in":3600}"#)
        }
        let code = try #require(try await vault.login()["code"])
        _ = try await vault.save(code)
        #expect(try await vault.accessToken() == "long-of-short")
        // It is what the next one is asked for with.
        #expect(try await vault.credential()?.refreshToken == "long-of-short")
    }

    @Test func theAuditSaysWhatCameOfALoginAndWhoSavedWhoseAccount() async throws {
        let account = Box(("7", "ada@example.com"))
        let vault = try await Vault(columns: Self.identity) { _ in
            let (subject, mail) = account.value
            let body = "{\"access_token\":\"the-at\",\"user_id\":\"\(subject)\",\"mail\":\"\(mail)\"}"
            return TransportResponse(200, body)
        }
        _ = try await vault.login("state=STATE&error=access_denied&error_description=No%20thanks")
        _ = try await vault.save(try await vault.login()["code"])
        _ = try await vault.save(RandomSecret().text)
        account.withLock { $0 = ("8", "bob@example.com") }
        let code = try await vault.login()["code"]
        _ = try await vault.save(code)
        _ = try await vault.save(code, allowAccountChange: true)
        let caller = Principal.sample.objectID
        #expect(
            try await vault.audit() == [
                "browser login svc/tok refused access_denied",
                "browser login svc/tok kept ada@example.com",
                "\(caller) saveToken svc/tok saved ada@example.com",
                "\(caller) saveToken svc/tok refused unknown_code",
                "browser login svc/tok kept bob@example.com",
                "\(caller) saveToken svc/tok refused account_mismatch: bob@example.com for ada@example.com",
                "\(caller) saveToken svc/tok saved bob@example.com",
            ]
        )
    }

    @Test func whoeverFailsToLogInWithoutEndFillsNoDisk() async throws {
        let vault = try await Vault(Self.good)
        // Few enough for a busy machine to be done within the minute after which the next entry is written.
        for _ in 0..<8 { _ = try await vault.login("state=STATE&error=access_denied") }
        #expect(try await vault.audit() == ["browser login svc/tok refused access_denied"])
    }

    @Test func nothingOfALoginIsInTheLog() async throws {
        let vault = try await Vault { _ in
            TransportResponse(400, #"{"error":"invalid_grant","error_description":"code the-code of s3cret-value"}"#)
        }
        _ = try await vault.login()
        let text = vault.logs.text
        #expect(text.contains("invalid_grant"))
        #expect(!text.contains("the-code"))
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("state="))
    }

    @Test func theDatabaseHoldsNoStateVerifierOrCodeThatWorks() async throws {
        let vault = try await Vault(Self.good)
        let (page, cookie) = try await vault.begin()
        let location = try await vault.finish(
            query: FormFields("state=\(page["state"] ?? "")&code=c"),
            cookie: cookie
        )
        let code = try #require(FormFields(location.drop { $0 != "?" }.dropFirst())["code"])
        let (second, _) = try await vault.begin()
        let secrets = [code, cookie, second["state"] ?? "", "the-at", "the-rt", "s3cret-value"]
        for suffix in ["", "-wal"] {
            let bytes = try Data(contentsOf: URL(filePath: vault.fixture.databasePath + suffix))
            for secret in secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil) }
        }
    }
}
