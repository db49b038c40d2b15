import AppAuthentication
import Foundation
import HTTPTypes
import TestSupport
import Testing
import TokenTransport

@testable import TokenPage
@testable import TokenVaultHummingbird

/// Log in at a page with one token for everybody, as a browser sees it.
struct LoginRoutesTests {
    private let vault = PlayedVault()

    private func visit(
        _ environment: [String: String] = ["TOKEN_PAGE_LOGIN": "true"],
        sessionKey: SessionKey = SessionKey(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> PageVisit {
        try PageVisit(environment: environment, sessionKey: sessionKey, now: now) { [vault] in vault.answer($0) }
    }

    @Test func whereNobodyIsLoggedInThePageOffersIt() async throws {
        let answer = try await self.visit().get()
        #expect(answer.status == 409)
        #expect(answer.reasonPhrase == "Conflict")
        #expect(answer.text.contains("Nobody is logged in"))
        #expect(answer.text.contains("Something went wrong: Nobody has logged in here yet."))
        #expect(answer.body.contains(#"href="login""#))
        #expect(answer.body.contains("#log-in\""))
        // A look makes nothing.
        #expect(answer.headers[.setCookie] == nil)
        #expect(self.vault.state.value.tokens.isEmpty)
    }

    @Test(arguments: ["Unauthenticated", "Revoked", "LostRotation", "PossibleTheft", "ServiceChanged"])
    func whatALoginSetsRightIsSaidInTheVaultsWords(code: String) async throws {
        self.vault.refuseOnce(400, code, "The provider says <no>: log in again.")
        let answer = try await self.visit().get()
        #expect(answer.status == 409)
        #expect(answer.body.contains("The provider says &lt;no&gt;: log in again."))
        #expect(answer.body.contains(#"id="log-in""#))
    }

    @Test(arguments: [(400, "ServiceBroken"), (503, "RenewalPending"), (403, "Forbidden"), (400, "Uncertain")])
    func whatALoginDoesNotSetRightOffersNone(status: Int, code: String) async throws {
        self.vault.refuseOnce(status, code)
        let answer = try await self.visit().get()
        #expect(answer.status == 502)
        #expect(!answer.body.contains(#"id="log-in""#))
    }

    @Test func aPageForEverybodyOffersNoLoginUnlessItIsSaid() async throws {
        let visit = try self.visit([:])
        #expect(try await visit.get().status == 502)
        #expect(try await !visit.get().body.contains(#"href="login""#))
        for path in ["/login", "/callback", "/forget"] {
            #expect(try await visit.get(path).status == 404, "\(path)")
            #expect(try await visit.get(path, method: .post).status == 404, "\(path)")
        }
    }

    @Test func aPersonLogsInAndSeesTheToken() async throws {
        var browser = PlayedBrowser(try self.visit())
        let answer = try await browser.logIn(self.vault, as: "alice")
        #expect(answer.status == 303)
        #expect(answer.headers[.location] == "http://localhost/")
        let page = try await browser.get("/")
        #expect(page.status == 200)
        #expect(page.text.contains("Token: token-of-alice-1"))
        #expect(page.body.contains(#"href="login""#))
        #expect(page.body.contains(#"href="forget""#))
        // One token for everybody: that is what the setting says.
        var other = PlayedBrowser(browser.visit)
        #expect(try await other.token() == "token-of-alice-1")
        #expect(!browser.visit.log.text.contains("code-1"))
        #expect(!browser.visit.log.text.contains("token-of"))
    }

    @Test func theBrowserIsSentToTheVaultWithAnAddressOfThisPage() async throws {
        let visit = try self.visit()
        let answer = try await visit.get("/login", authority: "page.example.com:8443", isSecure: true)
        #expect(answer.status == 303)
        let location = try #require(answer.headers[.location])
        #expect(
            location.hasPrefix(
                PlayedVault.site + PageVisit.vaultPath
                    + "/login?PostLoginRedirectUrl=https%3A%2F%2Fpage.example.com%3A8443%2Fcallback%3Fstate%3D"
            )
        )
        let cookie = try #require(answer.headers[.setCookie])
        #expect(cookie.hasPrefix("__Host-token_page_session="))
        #expect(cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Secure"))
        #expect(answer.headers[.cacheControl] == "no-store")
        let plain = try await visit.get("/login", authority: "127.0.0.1:8080")
        #expect(plain.headers[.setCookie]?.hasPrefix("token_page_session_8080=") == true)
        #expect(plain.headers[.setCookie]?.hasSuffix("; Path=/; HttpOnly; SameSite=Lax") == true)
    }

    @Test func thePublicAddressTakesThePlaceOfTheOneThatWasAskedFor() async throws {
        let visit = try self.visit(["TOKEN_PAGE_LOGIN": "true", "TOKEN_PAGE_PUBLIC_URL": "https://x.example/page"])
        let answer = try await visit.get("/login", authority: "evil.example")
        #expect(answer.headers[.location]?.contains("=https%3A%2F%2Fx.example%2Fpage%2Fcallback%3F") == true)
        #expect(answer.headers[.setCookie]?.hasPrefix("__Host-") == true)
    }

    @Test func overPlainHTTPOnAnotherMachineNobodyLogsIn() async throws {
        let visit = try self.visit()
        for path in ["/login", "/callback?state=a.b&code=c", "/forget"] {
            let answer = try await visit.get(path, authority: "page.example.com")
            #expect(answer.status == 500, "\(path)")
            #expect(answer.text.contains("A login needs https"), "\(path)")
        }
        #expect(visit.vaultRequests.isEmpty)
    }

    // MARK: What does not end with a token says so

    @Test(arguments: [
        ("error=access_denied&error_description=x", 200, "cancelled at the provider"),
        ("error=invalid_client&error_description=The+secret%20is%20%3Cwrong%3E.", 400, "Nothing was saved. The secret"),
        ("error=server_error", 400, "server_error"),
        ("", 400, "without saying why"),
    ])
    func aLoginThatFailedIsSaidInWords(query: String, status: Int, words: String) async throws {
        var browser = PlayedBrowser(try self.visit())
        let callback = try await browser.beginLogin(self.vault, as: "alice")
        let answer = try await browser.get(callback.replacing(/code=.*/, with: query))
        #expect(answer.status == status)
        #expect(answer.text.contains(words), "\(answer.text)")
        #expect(!answer.body.contains("<wrong>"))
        #expect(answer.body.contains(#"href="login""#))
        // The same address is good for nothing now.
        let again = try await browser.get(callback)
        #expect(again.text.contains("This login is over"))
        #expect(self.vault.saves(in: browser.visit) == 0)
    }

    @Test func aLoginThatComesBackTwiceIsSavedOnce() async throws {
        var browser = PlayedBrowser(try self.visit())
        let callback = try await browser.beginLogin(self.vault, as: "alice")
        #expect(try await browser.get(callback).status == 303)
        let again = try await browser.get(callback)
        #expect(again.status == 400)
        #expect(again.text.contains("It has come back already"))
        #expect(self.vault.saves(in: browser.visit) == 1)
    }

    @Test func aLoginHasTenMinutes() async throws {
        let now = Box(Date())
        var browser = PlayedBrowser(try self.visit(now: { now.value }))
        let callback = try await browser.beginLogin(self.vault, as: "alice")
        now.withLock { $0 += 600 }
        let answer = try await browser.get(callback)
        #expect(answer.text.contains("there are ten minutes for it"))
        #expect(self.vault.saves(in: browser.visit) == 0)
    }

    @Test(arguments: ["Sec-Purpose", "Purpose", "X-Moz"])
    func whatIsFetchedInAdvanceSpendsNothing(name: String) async throws {
        var browser = PlayedBrowser(try self.visit())
        let early = try await browser.get("/login", headers: [name: "prefetch;prerender"])
        #expect(early.status == 503)
        #expect(self.vault.state.value.tokens.isEmpty)
        let callback = try await browser.beginLogin(self.vault, as: "alice")
        let answer = try await browser.get(callback, headers: [name: "prefetch"])
        #expect(answer.status == 503)
        #expect(answer.text.contains("The browser asked for this in advance"))
        #expect(
            try await browser.visit.get(callback, method: .head, headers: ["Cookie": browser.cookie ?? ""]).status
                == 405
        )
        #expect(self.vault.saves(in: browser.visit) == 0)
        #expect(try await browser.get(callback).status == 303)
    }

    @Test func anotherSiteSendsNobodyToALogin() async throws {
        var browser = PlayedBrowser(try self.visit())
        for site in ["cross-site", "same-site"] {
            let answer = try await browser.get("/login", headers: ["Sec-Fetch-Site": site])
            #expect(answer.headers[.location] == "http://localhost/")
        }
        #expect(self.vault.state.value.tokens.isEmpty)
        #expect(try await browser.get("/login", headers: ["Sec-Fetch-Site": "same-origin"]).status == 303)
        #expect(self.vault.state.value.tokens.count == 1)
    }

    @Test func theLoginOfAnotherAccountIsSaid() async throws {
        var browser = PlayedBrowser(try self.visit())
        let callback = try await browser.beginLogin(self.vault, as: "bob")
        self.vault.refuseOnce(409, "account_mismatch", "The login was for bob, and the token is for alice.")
        let answer = try await browser.get(callback)
        #expect(answer.status == 409)
        #expect(answer.text.contains("The login was for bob, and the token is for alice."))
        #expect(answer.text.contains("forget this token first"))
    }

    @Test func aVaultThatIsAwayLosesNoLogin() async throws {
        var browser = PlayedBrowser(try self.visit())
        let callback = try await browser.beginLogin(self.vault, as: "alice")
        self.vault.refuseOnce(503, "StoreUnavailable", "later")
        let answer = try await browser.get(callback)
        #expect(answer.status == 502)
        #expect(answer.text.contains("StoreUnavailable"))
        #expect(try await browser.get(callback).status == 303)
        #expect(try await browser.token() == "token-of-alice-1")
    }

    @Test func aVaultThatDoesNotLetThePageSaysSoOnThePage() async throws {
        let visit = try self.visit()
        self.vault.refuseOnce(403, "Forbidden", "No access policy allows it.")
        let answer = try await visit.get("/login")
        #expect(answer.status == 502)
        #expect(answer.text.contains("No access policy allows it."))
        #expect(answer.headers[.setCookie] == nil)
    }

    @Test(arguments: ["http://vault.example/login", "javascript:alert(1)", "https://u:p@vault.example/login", "/login"])
    func theBrowserGoesNowhereThatIsNoSafeAddress(loginURI: String) async throws {
        let visit = try PageVisit(environment: ["TOKEN_PAGE_LOGIN": "true"]) { _ in
            .text(200, #"{"loginUri":"\#(loginURI)"}"#)
        }
        let answer = try await visit.get("/login")
        #expect(answer.status == 502)
        #expect(answer.headers[.location] == nil)
    }

    @Test func twoWindowsMayLogInAtOnce() async throws {
        var browser = PlayedBrowser(try self.visit())
        let first = try await browser.beginLogin(self.vault, as: "alice")
        let second = try await browser.beginLogin(self.vault, as: "alice")
        #expect(try await browser.get(first).status == 303)
        #expect(try await browser.get(second).status == 303)
        #expect(try await browser.token() == "token-of-alice-2")
    }

    @Test func pagesThatShareAKeyShareTheirBrowsers() async throws {
        let key = SessionKey()
        var browser = PlayedBrowser(try self.visit(sessionKey: key))
        let callback = try await browser.beginLogin(self.vault, as: "alice")
        var elsewhere = PlayedBrowser(try self.visit(sessionKey: key))
        elsewhere.cookie = browser.cookie
        #expect(try await elsewhere.get(callback).status == 303)
    }
}
