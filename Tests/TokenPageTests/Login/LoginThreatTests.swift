import Foundation
import HTTPTypes
import TestSupport
import Testing
import TokenTransport

@testable import TokenPage
@testable import TokenVaultHummingbird

/// What somebody else may try with the login of a page, in two browsers.
struct LoginThreatTests {
    private let vault = PlayedVault()
    private let visit: PageVisit
    private var alice: PlayedBrowser
    private var mallory: PlayedBrowser

    init() throws {
        let vault = self.vault
        self.visit = try PageVisit(
            environment: ["TOKEN_VAULT_URL": PlayedVault.site + "/services/dropbox/tokens/{visitor}"]
        ) { vault.answer($0) }
        self.alice = PlayedBrowser(self.visit)
        self.mallory = PlayedBrowser(self.visit)
    }

    private mutating func isRefused(_ callback: String, in browser: WritableKeyPath<Self, PlayedBrowser>) async throws {
        let answer = try await self[keyPath: browser].get(callback)
        #expect(answer.status == 403)
        #expect(answer.text.contains("This login is not yours"))
        #expect(answer.text.contains("Nothing was saved"))
        #expect(self.vault.saves(in: self.visit) == 0)
    }

    /// Mallory begins a login, and has Alice consent to it: Alice's account must not become Mallory's token.
    @Test mutating func aSessionSwapIsNotSaved() async throws {
        _ = try await self.alice.get("/login")
        let callback = try await self.mallory.beginLogin(self.vault, as: "alice")
        try await self.isRefused(callback, in: \.alice)
        #expect(try await self.mallory.token() == nil)
    }

    /// Mallory logs in as herself, and has Alice's browser open where that leads: Alice must not use Mallory's account.
    @Test mutating func aLoginIsNotForcedOnAnotherBrowser() async throws {
        let callback = try await self.mallory.beginLogin(self.vault, as: "mallory")
        try await self.isRefused(callback, in: \.alice)
        #expect(self.alice.cookie == nil)
        _ = try await self.alice.beginLogin(self.vault, as: "alice")
        try await self.isRefused(callback, in: \.alice)
        #expect(try await self.alice.token() == nil)
    }

    /// Mallory gets hold of the address that Alice came back to, before her browser does.
    @Test mutating func aStolenAddressIsGoodForNobodyElse() async throws {
        let callback = try await self.alice.beginLogin(self.vault, as: "alice")
        try await self.isRefused(callback, in: \.mallory)
        _ = try await self.mallory.beginLogin(self.vault, as: "mallory")
        try await self.isRefused(callback, in: \.mallory)
        // With her own state and the stolen code, the vault sees that the code is for another token.
        let own = try await self.mallory.beginLogin(self.vault, as: "mallory")
        let code = try #require(callback.firstMatch(of: /code=.*/)).output
        let mixed = try await self.mallory.get(own.replacing(/code=.*/, with: code))
        #expect(mixed.text.contains("The vault did not take this login"))
        #expect(try await self.mallory.token() == nil)
        #expect(try await self.alice.get(callback).status == 303)
        #expect(try await self.alice.token() == "token-of-alice-1")
    }

    /// The address stays in a history: whoever opens it later saves nothing, in any browser.
    @Test mutating func aSaveIsNotReplayed() async throws {
        let callback = try await self.alice.beginLogin(self.vault, as: "alice")
        let cookie = self.alice.cookie
        #expect(try await self.alice.get(callback).status == 303)
        #expect(try await self.alice.get(callback).status == 400)
        #expect(try await self.mallory.get(callback).status == 403)
        #expect(self.vault.saves(in: self.visit) == 1)
        // Even with the cookie as it was: the vault takes no code twice.
        self.alice.cookie = cookie
        #expect(try await self.alice.get(callback).text.contains("The vault did not take this login"))
        #expect(try await self.alice.token() == "token-of-alice-1")
    }

    @Test mutating func aForgedCookieIsNone() async throws {
        _ = try await self.alice.logIn(self.vault, as: "alice")
        let genuine = try #require(self.alice.cookie)
        #expect(try await self.alice.token() == "token-of-alice-1")
        let value = genuine.drop { $0 != "=" }.dropFirst()
        let fields = value.split(separator: ".").map(String.init)
        let other = Session().text(name: "token_page_session_80", key: SessionKey())
        let forged = [
            // Without a signature, with that of another key, of another name, and with a field changed under it.
            "token_page_session_80=\(fields.dropLast().joined(separator: "."))",
            "token_page_session_80=\(other)",
            "token_page_session_80=\(fields.dropLast().joined(separator: ".")).\(other.split(separator: ".").last ?? "")",
            "__Host-token_page_session=\(value)", "token_page_session_8080=\(value)",
            "token_page_session_80=1.\(String(fields[1].reversed())).\(fields.last ?? "")",
            "token_page_session_80=2\(value.dropFirst())",
            "token_page_session_80=\(value)00", "token_page_session_80=", "token_page_session_80=..",
            "token_page_session_80=" + String(repeating: "1.", count: 3_000),
        ]
        for cookie in forged {
            self.mallory.cookie = cookie
            #expect(try await self.mallory.token() == nil, "\(cookie)")
        }
        // The genuine one beside a forged one counts all the same.
        self.mallory.cookie = "token_page_session_80=1.2.3; other=x; \(genuine)"
        #expect(try await self.mallory.token() == "token-of-alice-1")
    }

    /// Only the web server's configuration says whose page it is.
    @Test func aForgedUserIsNobody() async throws {
        let vault = self.vault
        let visit = try PageVisit(
            environment: ["TOKEN_VAULT_URL": PlayedVault.site + "/services/dropbox/tokens/{user}"]
        ) { vault.answer($0) }
        var alice = PlayedBrowser(visit, user: "alice")
        _ = try await alice.logIn(vault, as: "alice")
        #expect(try await alice.token() == "token-of-alice-1")
        for name in ["TOKEN_PAGE_USER", "Token-Page-User", "HTTP_TOKEN_PAGE_USER", "Remote-User", "X-Forwarded-User"] {
            let answer = try await visit.get(
                headers: [name: "alice", "Authorization": "Basic YWxpY2U6eA==", "Cookie": alice.cookie ?? ""],
                variables: [("REMOTE_USER", "alice"), ("HTTP_TOKEN_PAGE_USER", "alice")]
            )
            #expect(answer.status == 500, "\(name)")
            #expect(answer.text.contains("does not tell the page who asks"))
            #expect(!answer.body.contains("token-of-alice"))
        }
        for path in ["/login", "/callback?state=a.b&code=c", "/forget"] {
            let answer = try await visit.get(path, headers: ["Cookie": alice.cookie ?? ""])
            #expect(answer.status == (path.hasPrefix("/callback") ? 403 : 500), "\(path)")
            #expect(!answer.body.contains("token-of-alice"))
        }
        // Another person at the same browser, with the cookie of the first.
        var bob = PlayedBrowser(visit, user: "bob")
        bob.cookie = alice.cookie
        #expect(try await bob.token() == nil)
        let callback = try await alice.beginLogin(vault, as: "alice")
        bob.cookie = alice.cookie
        #expect(try await bob.get(callback).status == 403)
    }
}
