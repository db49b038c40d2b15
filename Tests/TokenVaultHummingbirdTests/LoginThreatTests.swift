import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import TokenVaultHummingbird

/// What somebody else may try with the logins of an application, in two browsers.
struct LoginThreatTests {
    private let application: PlayedApplication
    private var alice: PlayedVisitor
    private var mallory: PlayedVisitor

    init() throws {
        self.application = try PlayedApplication()
        self.alice = PlayedVisitor(self.application)
        self.mallory = PlayedVisitor(self.application)
    }

    @Test mutating func aSessionSwapAForcedLoginAndAStolenAddressSaveNothing() async throws {
        _ = try await self.alice.send(.get, "/login")
        for account in ["alice", "mallory"] {
            let callback = try await self.mallory.beginLogin(as: account)
            #expect(try await self.alice.send(.get, callback).status == 403)
            #expect(try await PlayedVisitor(self.application).application.send(.get, callback).status == 403)
        }
        let stolen = try await self.alice.beginLogin(as: "alice")
        #expect(try await self.mallory.send(.get, stolen).status == 403)
        #expect(self.application.saves == 0)
        // With her own state and the stolen code, the vault sees that the code is for another token.
        let own = try await self.mallory.beginLogin(as: "mallory")
        let code = try #require(stolen.firstMatch(of: /code=.*/)).output
        #expect(try await self.mallory.send(.get, own.replacing(/code=.*/, with: code)).status == 400)
        #expect(try await self.mallory.token() == nil)
        #expect(try await self.alice.send(.get, stolen).status == 303)
    }

    @Test mutating func aCallbackWorksOnce() async throws {
        let callback = try await self.alice.beginLogin(as: "alice")
        let before = self.alice.cookies
        #expect(try await self.alice.send(.get, callback).status == 303)
        #expect(try await self.alice.send(.get, callback).text.contains("It has come back already"))
        #expect(self.application.saves == 1)
        // Even with the cookie as it was: the vault takes no code twice.
        self.alice.cookies = before
        #expect(try await self.alice.send(.get, callback).status == 400)
        #expect(try await self.alice.token() == "token-of-alice-1")
    }

    @Test mutating func aForgedCookieIsNone() async throws {
        try await self.alice.logIn(as: "alice")
        let name = "__Host-token_vault_session"
        let genuine = try #require(self.alice.cookies[name])
        let fields = genuine.split(separator: ".").map(String.init)
        let foreign = Session().text(name: name, key: SessionKey())
        let forged = [
            "", "..", foreign, fields.dropLast().joined(separator: "."), genuine + "00", "2\(genuine.dropFirst())",
            "1.\(String(fields[1].reversed())).\(fields.last ?? "")", String(repeating: "1.", count: 3_000),
            "\(fields.dropLast().joined(separator: ".")).\(foreign.split(separator: ".").last ?? "")",
        ]
        for value in forged {
            self.mallory.cookies = [name: value]
            #expect(try await self.mallory.token() == nil, "\(value)")
        }
        self.mallory.cookies = ["token_vault_session_443": genuine]
        #expect(try await self.mallory.token() == nil)
    }

    /// Also where the router makes a HEAD of every GET.
    @Test mutating func aLookAtAnAddressSpendsNothing() async throws {
        #expect(try await self.alice.send(.head, "/login").status == 405)
        #expect(self.application.vault.state.value.tokens.isEmpty)
        let callback = try await self.alice.beginLogin(as: "alice")
        #expect(try await self.alice.send(.head, callback).status == 405)
        #expect(try await self.alice.send(.get, callback, headers: ["Sec-Purpose": "prefetch"]).status == 503)
        #expect(self.application.saves == 0)
        #expect(try await self.alice.send(.get, callback).status == 303)
    }

    @Test mutating func nobodyElseHasATokenForgotten() async throws {
        try await self.alice.logIn(as: "alice")
        try await self.mallory.logIn(as: "mallory")
        func field(_ visitor: inout PlayedVisitor) async throws -> String {
            let page = try await visitor.send(.get, "/forget")
            return String(try #require(page.text.firstMatch(of: /value="([0-9a-f]+)"/)).1)
        }
        let (own, foreign) = (try await field(&self.alice), try await field(&self.mallory))
        let attempts: [(body: String, headers: [String: String])] = [
            ("", [:]), ("confirmation=", [:]), ("confirmation=\(foreign)", [:]),
            ("confirmation=\(own)", ["Sec-Fetch-Site": "cross-site"]),
            ("confirmation=\(own)", ["Origin": "https://evil.example"]),
            // The same origin, had the host that the request names been believed.
            ("confirmation=\(own)", ["Origin": "http://evil.example"]),
            (String(repeating: "x", count: 10_000) + "&confirmation=\(own)", [:]),
        ]
        for attempt in attempts {
            let answer = try await self.alice.send(.post, "/forget", headers: attempt.headers, body: attempt.body)
            #expect(answer.status == 403, "\(attempt.body.prefix(80)) \(attempt.headers)")
        }
        #expect(try await self.alice.token() == "token-of-alice-1")
    }

    @Test mutating func anotherSiteSendsNobodyToALogin() async throws {
        for site in ["cross-site", "same-site"] {
            let answer = try await self.alice.send(.get, "/login", headers: ["Sec-Fetch-Site": site])
            #expect(answer.headers[.location] == "https://app.example.com/")
        }
        #expect(self.application.vault.state.value.tokens.isEmpty)
    }
}
