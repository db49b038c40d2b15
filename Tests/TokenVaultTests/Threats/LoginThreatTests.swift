import Crypto
import Foundation
import GRDB
import HTTPTypes
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// What somebody could try with logins, and with the people who log in.
@Suite("Threats: login", .timeLimit(.minutes(5)))
struct LoginThreatTests {
    /// Mallory begins a login for her own token, and gets Alice to go through the provider with it.
    @Test func whoeverBeginsALoginDoesNotGetTheAccountOfWhoFinishesIt() async throws {
        let login = try await LoginFixture()
        let mallory = try await login.begin()
        // Alice's browser has never been at the vault.
        let alice = try await login.vault.send(.get, "/redirect?state=\(mallory.parameter("state"))&code=alices")
        #expect(alice.status == 400)
        #expect(alice.headers[.location] == nil)
        #expect(login.exchanges.isEmpty)
        #expect(try await login.read().status == 400)
        // Nor does it help to have a login of one's own under way.
        let other = try await login.begin()
        #expect(try await login.redirect(mallory, cookie: other.cookie).status == 400)
    }

    @Test func aLoginThatNobodySavesGivesNobodyAToken() async throws {
        let login = try await LoginFixture()
        let back = try LoginFixture.Browser(try await login.redirect(try await login.begin()))
        #expect(!back.parameter("code").isEmpty)
        let read = try await login.read()
        #expect(read.status == 400)
        #expect(!read.body.contains(LoginFixture.accessToken))
    }

    /// A login's code in the browser of another person: it is for one token, works once, and dies.
    @Test func aCodeIsOfNoUseForAnotherTokenOrASecondTime() async throws {
        let login = try await LoginFixture()
        try await login.putToken("victims")
        let back = try LoginFixture.Browser(try await login.redirect(try await login.begin()))
        let code = back.parameter("code")
        #expect(try await login.save(code, path: "/services/dropbox/tokens/victims").status == 400)
        #expect(try await login.read("/services/dropbox/tokens/victims").status == 400)
        #expect(try await login.save(code).status == 200)
        #expect(try await login.save(code).status == 400)
        let late = try LoginFixture.Browser(try await login.redirect(try await login.begin()))
        login.vault.clock.advance(by: .seconds(301))
        #expect(try await login.save(late.parameter("code")).status == 400)
    }

    /// The addresses that open redirects are made of.
    @Test(arguments: [
        "https://site.example.evil.example/", "https://site.example@evil.example/",
        "https://evil.example\\@site.example/",
        "https://site.example:443@evil.example/", "//evil.example/", "/\\evil.example", "https:/evil.example/",
        "https:evil.example", "http://site.example/", "https://site.example:8443/app/",
        "https://site.example/application",
        "https://site.example/app/../other", "https://site.example/app/%2e%2e/other",
        "https://site.example/app%2f..%2fother",
        "https://site.example/app/#@evil.example/", "https://site.example.:443/app/",
        "javascript:alert(1)//https://site.example/app/",
        "data:text/html,x", "https://SITE.example%00.evil.example/app/", "https://site.example%2eevil.example/app/",
        "https://site.example/app/%0d%0aSet-Cookie:x=y", "https://[::1]/app/", "https://xn--site-example/app/",
    ])
    func aBrowserIsNeverSentToAnAddressThatIsNotAllowed(target: String) async throws {
        let login = try await LoginFixture(returnURLs: ["https://site.example/app/"])
        // What is behind a number sign no browser sends.
        let forms = (target.contains("#") ? [] : [target]) + [URLEncoding.pathSegment(target)]
        for written in forms {
            let reply = try await login.vault.send(
                .get,
                "\(LoginFixture.path)/login?PostLoginRedirectUrl=\(written)"
            )
            if target.contains("%0d%0a") {
                // A line break in a path is a byte like others, and stays escaped.
                #expect(reply.headers[.location]?.contains("\r") != true)
            } else {
                #expect(reply.status == 400, "\(written)")
                #expect(reply.headers[.location] == nil)
            }
            #expect(reply.headers[.setCookie]?.contains("x=y") != true)
        }
    }

    /// Who may not even ask cannot tell from `/login` which services and tokens there are.
    @Test func aStrangerDoesNotLearnWhichTokensThereAre() async throws {
        let login = try await LoginFixture()
        func ask(_ path: String, _ target: String) async throws -> VaultFixture.Reply {
            try await login.vault.send(.get, "\(path)/login?PostLoginRedirectUrl=\(target)")
        }
        let unlisted = try await ask(LoginFixture.path, "https://evil.example/")
        #expect(unlisted.status == 400)
        for (path, target) in [
            ("/services/dropbox/tokens/none", LoginFixture.target),
            ("/services/none/tokens/sample", LoginFixture.target),
            ("/services/none/tokens/none", "https://evil.example/"), ("/services/a%20b/tokens/c", LoginFixture.target),
            ("/services/dropbox/tokens/none", "nonsense"), (LoginFixture.path, "nonsense"),
        ] {
            let reply = try await ask(path, target)
            #expect(reply.status == unlisted.status, "\(path) \(target)")
            #expect(reply.body == unlisted.body, "\(path) \(target)")
            #expect(reply.headers == unlisted.headers, "\(path) \(target)")
        }
        let silent = try await login.vault.send(.get, "\(LoginFixture.path)/login")
        #expect(try await login.vault.send(.get, "/services/none/tokens/none/login").body == silent.body)
    }

    @Test func theOperatorIsToldWhatTheStrangerIsNot() async throws {
        let login = try await LoginFixture()
        _ = try await login.vault.send(
            .get,
            "\(LoginFixture.path)/login?PostLoginRedirectUrl=https://evil.example/x?code=secret"
        )
        _ = try await login.vault.send(
            .get,
            "/services/dropbox/tokens/guess/login?PostLoginRedirectUrl=\(LoginFixture.target)"
        )
        let lines = login.vault.logs.lines.filter { $0.contains("A login was refused") }
        #expect(lines.count == 2)
        #expect(lines.first?.contains("the return address is not allowed") == true)
        #expect(lines.first?.contains("https://evil.example") == true)
        #expect(lines.last?.contains("there is no such token") == true)
        #expect(!lines.joined().contains("secret") && !lines.joined().contains("guess"))
    }

    /// Who knows a token's name can send browsers through its login, and does not change what it holds.
    @Test func aLiveLoginIsNotOverwrittenByWhoeverKnowsTheNameOfTheToken() async throws {
        let login = try await LoginFixture()
        let first = try LoginFixture.Browser(try await login.redirect(try await login.begin()))
        #expect(try await login.save(first.parameter("code")).status == 200)
        login.answer.withLock {
            $0 = .init(status: 200, body: Data(#"{"access_token":"mallorys","account_id":"2"}"#.utf8))
        }
        let second = try LoginFixture.Browser(try await login.redirect(try await login.begin()))
        #expect(try await login.read().body.contains(LoginFixture.accessToken))
        // Even the application itself does not take another account by accident.
        #expect(try await login.save(second.parameter("code")).status == 409)
        #expect(try await login.read().body.contains(LoginFixture.accessToken))
    }

    /// A code that is intercepted is worth nothing without the verifier, and goes to no other address.
    @Test func theProvidersCodeIsBoundToTheVault() async throws {
        let login = try await LoginFixture()
        let begun = try await login.begin()
        #expect(begun.parameter("code_challenge_method") == "S256")
        let challenge = begun.parameter("code_challenge")
        _ = try await login.redirect(begun)
        let exchange = try #require(login.exchanges.last)
        let verifier = try #require(exchange["code_verifier"])
        #expect(Base64URL.encode(Data(SHA256.hash(data: Data(verifier.utf8)))) == challenge)
        #expect(exchange["redirect_uri"] == begun.parameter("redirect_uri"))
        #expect(begun.location.string?.contains(verifier) == false)
        let other = try await login.begin()
        #expect(other.parameter("code_challenge") != challenge)
        #expect(other.parameter("state") != begun.parameter("state"))
    }

    /// An answer of one provider in the login of another: the issuer gives it away before any secret is sent.
    @Test func theAnswerOfAnotherProviderIsNotTaken() async throws {
        let login = try await LoginFixture()
        let google = ServiceConfiguration(provider: "google", clientID: "g")
        _ = try await login.vault.store.putService(
            "google",
            configuration: google,
            clientSecret: "s",
            sealer: login.vault.sealer
        )
        _ = try await login.vault.store.putToken(service: "google", name: "t", displayName: nil, returnURLs: nil)
        let begun = try await login.begin("/services/google/tokens/t")
        let before = login.vault.transport.requests.count
        let back = try LoginFixture.Browser(
            try await login.redirect(begun, query: "code=x&iss=https%3A%2F%2Fevil.example")
        )
        #expect(back.parameter("error") == "issuer_mismatch")
        #expect(back.parameter("code").isEmpty)
        #expect(login.vault.transport.requests.count == before)
    }

    /// Nobody has to prove who they are to begin a login: they must not fill the disk, nor keep others out for long.
    @Test func loginsThatNobodyFinishesDoNotPileUp() async throws {
        let login = try await LoginFixture()
        _ = try await login.begin()
        try await login.vault.store.pool.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
                    INSERT INTO pending_login SELECT randomblob(32), token_id, cookie_hash, return_url, redirect_uri,
                        config_hash, version, kid, sealed, expires_at FROM pending_login, n
                    """
            )
        }
        let count = {
            try await login.vault.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM pending_login") }
        }
        #expect(try await count() == 10_000)
        // The oldest of the token give way, and whoever comes now is not kept out.
        #expect(try await login.begin().reply.status == 303)
        #expect(try await count() == 50)
        login.vault.clock.advance(by: .seconds(601))
        #expect(try await login.begin().reply.status == 303)
        #expect(try await count() == 1)
    }
}
