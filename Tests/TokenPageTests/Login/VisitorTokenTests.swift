import Foundation
import HTTPTypes
import TestSupport
import Testing
import TokenTransport

@testable import TokenPage

/// A token for each visitor, and for each person.
struct VisitorTokenTests {
    private let vault = PlayedVault()

    private func visit(_ mark: String) throws -> PageVisit {
        try PageVisit(environment: ["TOKEN_VAULT_URL": PlayedVault.site + "/services/dropbox/tokens/\(mark)"]) {
            [vault] request in
            // A vault that takes its time is one whose answers are shared.
            try await Task.sleep(for: .milliseconds(5))
            return vault.answer(request)
        }
    }

    @Test func aNewVisitorIsOfferedToLogInAndTheVaultIsNotAsked() async throws {
        let visit = try self.visit("{visitor}")
        let answer = try await visit.get()
        #expect(answer.status == 409)
        #expect(answer.text.contains("Nobody has logged in here with this browser yet."))
        #expect(answer.text.contains("Principal Used:"))
        #expect(answer.headers[.setCookie] == nil)
        #expect(visit.vaultRequests.isEmpty)
        // There is nothing to forget either.
        #expect(try await visit.get("/forget").status == 303)
    }

    @Test func aVisitorIsKnownAgainForLong() async throws {
        var browser = PlayedBrowser(try self.visit("{visitor}"))
        let answer = try await browser.get("/login")
        #expect(answer.headers[.setCookie]?.contains("; Max-Age=34560000") == true)
    }

    @Test func whatIsInTheVaultSaysNothingOfTheCookieOrThePerson() async throws {
        var browser = PlayedBrowser(try self.visit("{visitor}"))
        _ = try await browser.logIn(self.vault, as: "alice")
        var person = PlayedBrowser(try self.visit("{user}"), user: "alice@example.com")
        _ = try await person.logIn(self.vault, as: "alice")
        let names = self.vault.state.value.tokens.compactMap { $0.split(separator: "/").last }.sorted()
        #expect(names.count == 2)
        #expect(names[0].wholeMatch(of: /user-[0-9a-f]{32}/) != nil)
        #expect(names[1].wholeMatch(of: /visitor-[0-9a-f]{32}/) != nil)
        let visitor = try #require(browser.cookie?.split(separator: ".").dropFirst().first)
        #expect(!names[1].contains(visitor))
        // The same person from elsewhere, and whatever the page's key is.
        var elsewhere = PlayedBrowser(try self.visit("{user}"), user: "alice@example.com")
        #expect(try await elsewhere.token() == "token-of-alice-2")
    }

    @Test(arguments: ["{visitor}", "{user}"])
    func noTwoVisitorsEverSeeEachOthersToken(mark: String) async throws {
        let visit = try self.visit(mark)
        var browsers: [PlayedBrowser] = []
        for number in 0..<8 {
            var browser = PlayedBrowser(visit, user: "person-\(number)")
            _ = try await browser.logIn(self.vault, as: "p\(number)")
            browsers.append(browser)
        }
        // All at once, again and again, with calls to the vault that are shared.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<25 {
                for (number, browser) in browsers.enumerated() {
                    group.addTask {
                        var browser = browser
                        let token = try await browser.token()
                        #expect(token == "token-of-p\(number)-\(number + 1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let reads = visit.vaultRequests.filter { $0.method == .post && !$0.url.path().hasSuffix("/save") }
        #expect(reads.count < 200, "calls were shared")
    }

    @Test(arguments: [
        "{visitor}/x", "{visitor}-a", "a-{user}", "{other}", "{visitor}{user}", "{user}/{visitor}",
    ])
    func aMarkStandsForTheWholeNameOrTheAddressIsRefused(name: String) {
        #expect(throws: (any Error).self) { try self.visit(name) }
    }
}
