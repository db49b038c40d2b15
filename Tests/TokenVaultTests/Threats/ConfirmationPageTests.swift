import Foundation
import HTTPTypes
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// The page on which a person saves a login without an application, and what could be tried with it.
@Suite("Threats: the confirmation page", .timeLimit(.minutes(5)))
struct ConfirmationPageTests {
    private static let on = ["TOKEN_VAULT_CONFIRMATION_PAGE": "true"]

    private func page(_ login: LoginFixture, target: String = LoginFixture.target) async throws
        -> (reply: VaultFixture.Reply, form: [(name: String, value: String)], cookie: String)
    {
        let begun = try await login.begin(target: target)
        let reply = try await login.redirect(begun)
        let form = reply.body.matches(of: /name="([a-zA-Z]+)" value="([^"]*)"/).map {
            (name: String($0.1), value: String($0.2).replacing("&amp;", with: "&"))
        }
        return (reply, form, begun.cookie)
    }

    private func post(
        _ login: LoginFixture,
        _ form: [(name: String, value: String)],
        cookie: String?
    ) async throws -> VaultFixture.Reply {
        let body = String(decoding: URLEncoding.form(form), as: UTF8.self)
        return try await login.vault.send(.post, "/redirect/confirm", cookie: cookie, body: body)
    }

    @Test func itIsOffUnlessASettingSwitchesItOn() async throws {
        let login = try await LoginFixture(returnURLs: [])
        let reply = try await login.vault.send(
            .get,
            "\(LoginFixture.path)/login?PostLoginRedirectUrl=\(LoginFixture.target)"
        )
        #expect(reply.status == 400)
        #expect(try await login.vault.send(.post, "/redirect/confirm").status == 404)
    }

    @Test func aPersonSavesALoginAndGoesOn() async throws {
        let login = try await LoginFixture(environment: Self.on, returnURLs: [])
        let (reply, form, cookie) = try await self.page(login, target: "https://app.example/x?a=1%26b")
        #expect(reply.status == 200)
        #expect(reply.body.contains("<b>sample</b>") && reply.body.contains("<b>dbid:1</b>"))
        #expect(try await login.read().status == 400)
        let confirmed = try await self.post(login, form, cookie: cookie)
        #expect(confirmed.status == 303)
        #expect(confirmed.headers[.location] == "https://app.example/x?a=1%26b")
        #expect(try await login.read().body.contains(LoginFixture.accessToken))
        #expect(
            try await login.vault.audit().count { $0.contains("local browser saveToken dropbox/sample") } == 1
        )
        #expect(try await self.post(login, form, cookie: cookie).status == 400)
    }

    @Test func whereAddressesAreAllowedTheApplicationSaves() async throws {
        let login = try await LoginFixture(environment: Self.on)
        #expect(
            try LoginFixture.Browser(try await login.redirect(try await login.begin())).parameter("code").isEmpty
                == false
        )
        let other = try await login.vault.send(
            .get,
            "\(LoginFixture.path)/login?PostLoginRedirectUrl=https://other.example/"
        )
        #expect(other.status == 400)
    }

    @Test func thePageRunsNothingAndStandsInNoFrame() async throws {
        let login = try await LoginFixture(environment: Self.on, returnURLs: [])
        let (reply, _, _) = try await self.page(login, target: "https://app.example:8443/")
        #expect(
            reply.header("Content-Security-Policy")
                == "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' https://app.example:8443"
        )
        #expect(reply.header("X-Frame-Options") == "DENY")
        #expect(reply.header("Referrer-Policy") == "no-referrer")
        #expect(reply.headers[.cacheControl] == "no-store")
        for word in ["<script", "<style", "style=", "onclick", "data:", "<img", "<link"] {
            #expect(!reply.body.contains(word), "\(word)")
        }
        for secret in [LoginFixture.accessToken, LoginFixture.refreshToken, "the-provider-code"] {
            #expect(!reply.body.contains(secret))
        }
    }

    @Test func anAccountsNameIsTextAndNoMarkup() async throws {
        let login = try await LoginFixture(environment: Self.on, returnURLs: [])
        login.answer.withLock {
            let body = #"{"access_token":"a","account_id":"<script>alert(1)</script>\"'&"}"#
            $0 = .init(status: 200, body: Data(body.utf8))
        }
        let (reply, _, _) = try await self.page(login)
        #expect(reply.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"))
        #expect(!reply.body.contains("<script>"))
    }

    /// Another site posts the form: it has neither the page nor the browser's cookie.
    @Test func nobodyElseConfirmsForTheBrowser() async throws {
        let login = try await LoginFixture(environment: Self.on, returnURLs: [])
        let (_, form, cookie) = try await self.page(login)
        let (_, _, others) = try await self.page(login)
        #expect(try await self.post(login, form, cookie: nil).status == 400)
        #expect(try await self.post(login, form, cookie: others).status == 400)
        for index in form.indices {
            var changed = form
            changed[index].value += "x"
            #expect(try await self.post(login, changed, cookie: cookie).status == 400, "\(form[index].name)")
            changed.remove(at: index)
            #expect(try await self.post(login, changed, cookie: cookie).status == 400, "\(form[index].name)")
        }
        #expect(try await self.post(login, [], cookie: cookie).status == 400)
        #expect(try await login.read().status == 400)
        // What is in the page is not the code that the API takes.
        let secret = form.first { $0.name == "secret" }?.value ?? ""
        #expect(try await login.save(secret).status == 400)
        #expect(try await self.post(login, form, cookie: cookie).status == 303)
    }

    @Test func aPageThatLayAroundIsOver() async throws {
        let login = try await LoginFixture(environment: Self.on, returnURLs: [])
        let (_, form, cookie) = try await self.page(login)
        login.vault.clock.advance(by: .seconds(301))
        #expect(try await self.post(login, form, cookie: cookie).status == 400)
        #expect(try await login.read().status == 400)
    }

    @Test func anotherPersonsTokenIsNotTakenOver() async throws {
        let login = try await LoginFixture(environment: Self.on, returnURLs: [])
        let (_, form, cookie) = try await self.page(login)
        #expect(try await self.post(login, form, cookie: cookie).status == 303)
        login.answer.withLock { $0 = .init(status: 200, body: Data(#"{"access_token":"b","account_id":"2"}"#.utf8)) }
        let (_, second, other) = try await self.page(login)
        let refused = try await self.post(login, second, cookie: other)
        #expect(refused.status == 400)
        #expect(refused.body.contains("The token is for the account dbid:1"))
        #expect(try await login.read().body.contains(LoginFixture.accessToken))
    }

    @Test func aLoginThatFailsLeadsNowhere() async throws {
        let login = try await LoginFixture(environment: Self.on, returnURLs: [])
        let begun = try await login.begin(target: "https://evil.example/")
        let reply = try await login.redirect(begun, query: "error=access_denied&error_description=%3Cb%3Eno")
        #expect(reply.status == 400)
        #expect(reply.headers[.location] == nil)
        #expect(reply.body.contains("access_denied: &lt;b&gt;no"))
    }
}
