import Foundation
import HTTPTypes
import TestSupport
import Testing
import TokenTransport
import VaultCore
import VaultSQLite

@testable import TokenVault

/// Logins as browsers and applications see them, with the requests that published clients of the original service sent.
@Suite("LoginRoutes", .timeLimit(.minutes(5)))
struct LoginRoutesTests {
    private static let permissions = "Get,CreateOrUpdate"
    private static let token = "/services/dropbox/tokens/sample"

    /// A vault whose service is at Dropbox, which a fake plays.
    private func vault(
        environment: [String: String] = [:],
        returnURLs: [String] = ["https://site.azurewebsites.net/", "http://localhost:10329/"]
    ) async throws -> VaultFixture {
        let issuer = Box<VaultFixture?>(nil)
        let vault = try await VaultFixture(permissions: Self.permissions, environment: environment) { request in
            if request.url.host() == "api.dropboxapi.com" {
                let body = #"{"access_token":"sl.at","refresh_token":"rt","expires_in":14400,"account_id":"dbid:1"}"#
                return TransportResponse(status: 200, body: Data(body.utf8))
            }
            guard let vault = issuer.value else { throw TransportError(.other, "not there") }
            return try vault.issuer.answer(request)
        }
        issuer.withLock { $0 = vault }
        let service = """
            {"authentication":{"managedIdentityProvider":{"name":"dropbox"},
             "parameters":{"clientid":"app-id","clientsecret":"app-secret"}}}
            """
        _ = try await vault.store.setReturnURLs(returnURLs)
        #expect(try await vault.send(.put, "/services/dropbox", body: service).status < 300)
        #expect(try await vault.send(.put, Self.token, body: #"{"displayName":"x"}"#).status == 201)
        return vault
    }

    private struct Browser {
        let location: URLComponents
        let cookie: String
        let reply: VaultFixture.Reply

        init(_ reply: VaultFixture.Reply) throws {
            self.reply = reply
            self.location = try #require(URLComponents(string: reply.headers[.location] ?? ""))
            self.cookie = String((reply.headers[.setCookie] ?? "").prefix { $0 != ";" })
        }

        func parameter(_ name: String) -> String? {
            self.location.queryItems?.first { $0.name == name }?.value
        }
    }

    private func begin(_ vault: VaultFixture, _ query: String) async throws -> Browser {
        try Browser(try await vault.send(.get, "\(Self.token)/login?\(query)"))
    }

    private func comeBack(_ vault: VaultFixture, from begun: Browser) async throws -> Browser {
        let state = begun.parameter("state") ?? ""
        return try Browser(
            try await vault.send(.get, "/redirect?state=\(state)&code=provider-code", cookie: begun.cookie)
        )
    }

    @Test(
        arguments: [
            // NAV escapes, and reads serviceId, tokenId and code.
            (
                "PostLoginRedirectUrl=https%3A%2F%2Fsite.azurewebsites.net%2Fpostauth%3FserviceId%3Ddropbox%26tokenId%3Dsample",
                "https://site.azurewebsites.net/postauth?serviceId=dropbox&tokenId=sample&code="
            ),
            // BASIC and ADV do not.
            (
                "PostLoginRedirectUrl=https://site.azurewebsites.net/store/dropbox/sample/save?storeUrl=https://vault.example.com",
                "https://site.azurewebsites.net/store/dropbox/sample/save?storeUrl=https://vault.example.com&code="
            ),
            ("postLoginRedirectUrl=http://localhost:10329/", "http://localhost:10329/?code="),
        ]
    )
    func aClientOfTheOriginalServiceLogsIn(query: String, target: String) async throws {
        let vault = try await self.vault()
        let begun = try await self.begin(vault, query)
        #expect(begun.reply.status == 303)
        #expect(begun.location.host == "www.dropbox.com")
        #expect(begun.parameter("client_id") == "app-id")
        #expect(begun.parameter("token_access_type") == "offline")
        #expect(begun.parameter("redirect_uri") == "https://vault.example.com/redirect")
        let back = try await self.comeBack(vault, from: begun)
        #expect(back.reply.status == 303)
        let location = try #require(back.location.string)
        #expect(location.hasPrefix(target))
        let code = String(location.dropFirst(target.count))
        let saved = try await vault.send(.post, "\(Self.token)/save", body: "{\"code\":\"\(code)\"}")
        #expect(saved.status == 200)
        #expect(saved.body.contains("\"AccessToken\":\"sl.at\""))
        #expect(saved.body.contains("\"ExpiresIn\":14400"))
        let read = try await vault.send(.post, Self.token, body: "")
        #expect(read.body == saved.body)
    }

    @Test func whatABrowserGetsIsKeptNowhere() async throws {
        let vault = try await self.vault()
        let begun = try await self.begin(vault, "PostLoginRedirectUrl=http://localhost:10329/")
        let back = try await self.comeBack(vault, from: begun)
        for reply in [begun.reply, back.reply] {
            #expect(reply.headers[.cacheControl] == "no-store")
            #expect(reply.header("Referrer-Policy") == "no-referrer")
            #expect(reply.header("Content-Security-Policy")?.hasPrefix("default-src 'none'") == true)
            #expect(reply.body.isEmpty)
        }
        let cookie = try #require(begun.reply.headers[.setCookie])
        #expect(cookie.hasPrefix("__Host-token-vault-login="))
        #expect(cookie.hasSuffix("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"))
    }

    @Test func withoutTLSOnThisMachineTheCookieHasAPlainName() async throws {
        let vault = try await self.vault(environment: ["TOKEN_VAULT_PUBLIC_URL": "http://localhost:8080"])
        let begun = try await self.begin(vault, "PostLoginRedirectUrl=http://localhost:10329/")
        #expect(begun.cookie.hasPrefix("token-vault-login="))
        #expect(begun.reply.headers[.setCookie]?.contains("Secure") == false)
        #expect(try await self.comeBack(vault, from: begun).parameter("code") != nil)
    }

    @Test func twoLoginsGoOnInOneBrowser() async throws {
        let vault = try await self.vault()
        let first = try await self.begin(vault, "PostLoginRedirectUrl=http://localhost:10329/")
        let second = try Browser(
            try await vault.send(
                .get,
                "\(Self.token)/login?PostLoginRedirectUrl=http://localhost:10329/",
                cookie: "other=1; \(first.cookie)"
            )
        )
        #expect(second.cookie == first.cookie)
        #expect(try await self.comeBack(vault, from: second).parameter("code") != nil)
        #expect(try await self.comeBack(vault, from: first).parameter("code") != nil)
    }

    @Test(
        arguments: [
            ("/services/dropbox/tokens/sample/login", 400, "does not say where to go"),
            (
                "/services/dropbox/tokens/sample/login?PostLoginRedirectUrl=https://evil.example/", 400,
                "is not among those that the vault allows"
            ),
            ("/services/dropbox/tokens/none/login?PostLoginRedirectUrl=http://localhost:10329/", 400, "no such token"),
            ("/services/none/tokens/sample/login?PostLoginRedirectUrl=http://localhost:10329/", 400, "no such token"),
            ("/redirect", 400, "has come back already"),
            ("/redirect?state=%3Cscript%3E&code=x", 400, "has come back already"),
        ]
    )
    func aBrowserThatCannotGoOnIsToldWhy(path: String, status: Int, sentence: String) async throws {
        let reply = try await self.vault().send(.get, path)
        #expect(reply.status == status)
        #expect(reply.headers[.contentType] == "text/html; charset=utf-8")
        #expect(reply.body.contains("Something went wrong: "))
        #expect(reply.body.contains(sentence))
        #expect(!reply.body.contains("<script>"))
    }

    @Test func aStolenAddressIsOfNoUseInAnotherBrowser() async throws {
        let vault = try await self.vault()
        let begun = try await self.begin(vault, "PostLoginRedirectUrl=http://localhost:10329/")
        let reply = try await vault.send(.get, "/redirect?state=\(begun.parameter("state") ?? "")&code=x")
        #expect(reply.status == 400)
        #expect(reply.body.contains("another browser"))
        #expect(try await self.comeBackFails(vault, from: begun))
    }

    private func comeBackFails(_ vault: VaultFixture, from begun: Browser) async throws -> Bool {
        let state = begun.parameter("state") ?? ""
        return try await vault.send(.get, "/redirect?state=\(state)&code=x", cookie: begun.cookie).status == 400
    }

    @Test func aLookAtAnAddressSpendsNothing() async throws {
        let vault = try await self.vault()
        let begun = try await self.begin(vault, "PostLoginRedirectUrl=http://localhost:10329/")
        let state = begun.parameter("state") ?? ""
        let look = try await vault.send(.head, "/redirect?state=\(state)&code=x", cookie: begun.cookie)
        #expect(look.status == 405)
        #expect(try await self.comeBack(vault, from: begun).parameter("code") != nil)
    }

    @Test(arguments: [#"{"code":"x"}"#, #"{"code":""}"#, "{}", "", #"{"code":null}"#])
    func aCodeThatIsNoneSavesNothing(body: String) async throws {
        let vault = try await self.vault()
        let reply = try await vault.send(.post, "\(Self.token)/save", body: body)
        #expect(reply.status == 400)
        #expect(try await vault.send(.post, Self.token, body: "").status == 400)
    }

    @Test func whoMayNotWriteATokenMayNotSaveIt() async throws {
        let vault = try await VaultFixture(permissions: "Get")
        let reply = try await vault.send(.post, "\(Self.token)/save", body: #"{"code":"x"}"#)
        #expect(reply.status == 403)
        #expect(try await vault.send(.post, "\(Self.token)/save").status == 401)
    }
}
