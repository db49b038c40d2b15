import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import TokenPage

struct ForgetRoutesTests {
    private let vault = PlayedVault()
    private let visit: PageVisit

    init() throws {
        let vault = self.vault
        self.visit = try PageVisit(environment: ["TOKEN_PAGE_LOGIN": "true"]) { vault.answer($0) }
    }

    private func loggedIn() async throws -> PlayedBrowser {
        var browser = PlayedBrowser(self.visit)
        try #require(try await browser.logIn(self.vault, as: "alice").status == 303)
        return browser
    }

    private func confirmation(_ browser: inout PlayedBrowser) async throws -> String {
        let page = try await browser.get("/forget")
        #expect(page.status == 200)
        #expect(page.text.contains("Forget this token?"))
        let policy = page.headers[.contentSecurityPolicy] ?? ""
        #expect(policy.contains("form-action 'self'") && policy.contains("default-src 'none'"))
        return String(try #require(page.body.firstMatch(of: /name="confirmation" value="([0-9a-f]+)"/)).1)
    }

    @Test func afterAQuestionTheTokenIsForgotten() async throws {
        var browser = try await self.loggedIn()
        let code = try await self.confirmation(&browser)
        #expect(try await browser.token() == "token-of-alice-1")
        let answer = try await browser.send(
            .post,
            "/forget",
            headers: ["Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"],
            body: "confirmation=\(code)"
        )
        #expect(answer.status == 303)
        #expect(answer.headers[.location] == "http://localhost/")
        let page = try await browser.get("/")
        #expect(page.status == 409)
        #expect(page.body.contains(#"id="log-in""#))
        // Once more, from a page that was left open: it is forgotten already.
        #expect(try await browser.send(.post, "/forget", body: "confirmation=\(code)").status == 303)
    }

    @Test func nobodyElseHasTheTokenForgotten() async throws {
        var alice = try await self.loggedIn()
        let code = try await self.confirmation(&alice)
        var mallory = PlayedBrowser(self.visit)
        let own = try await self.confirmation(&mallory)
        let attempts: [(name: String, browser: PlayedBrowser, body: String, headers: [String: String])] = [
            ("without a cookie", PlayedBrowser(self.visit), "confirmation=\(code)", [:]),
            ("with another session's form", alice, "confirmation=\(own)", [:]),
            ("with another session", mallory, "confirmation=\(code)", [:]),
            ("without a form", alice, "", [:]),
            ("from another site", alice, "confirmation=\(code)", ["Sec-Fetch-Site": "cross-site"]),
            ("from a site beside this", alice, "confirmation=\(code)", ["Sec-Fetch-Site": "same-site"]),
            ("from another origin", alice, "confirmation=\(code)", ["Origin": "https://evil.example"]),
            (
                "with a body that is too large", alice, String(repeating: "x", count: 10_000) + "&confirmation=\(code)",
                [:]
            ),
        ]
        for attempt in attempts {
            var browser = attempt.browser
            let answer = try await browser.send(.post, "/forget", headers: attempt.headers, body: attempt.body)
            #expect(answer.status == 403, "\(attempt.name)")
            #expect(answer.text.contains("That did not come from this page"), "\(attempt.name)")
        }
        #expect(try await alice.token() == "token-of-alice-1")
    }

    @Test func aVaultThatDoesNotLetThePageForgetSaysSo() async throws {
        var browser = try await self.loggedIn()
        let code = try await self.confirmation(&browser)
        self.vault.refuseOnce(403, "Forbidden", "No access policy allows it.")
        let answer = try await browser.send(.post, "/forget", body: "confirmation=\(code)")
        #expect(answer.status == 502)
        #expect(answer.text.contains("No access policy allows it."))
    }

    @Test func otherMethodsAreToldWhatThereIs() async throws {
        #expect(try await self.visit.get("/forget", method: .put).headers[.allow] == "GET, HEAD, POST, OPTIONS")
        #expect(try await self.visit.get("/login", method: .post).headers[.allow] == "GET, OPTIONS")
        #expect(try await self.visit.get("/callback", method: .options).headers[.allow] == "GET, OPTIONS")
    }
}
