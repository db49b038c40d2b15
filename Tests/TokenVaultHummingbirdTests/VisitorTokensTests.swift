import Foundation
import HTTPTypes
import Hummingbird
import TestSupport
import Testing
import TokenTransport
import TokenVaultClient

@testable import TokenVaultHummingbird

/// A Hummingbird application with tokens of its visitors, as browsers see it.
struct VisitorTokensTests {
    @Test func aVisitorLogsInSeesTheTokenAndHasItForgotten() async throws {
        let application = try PlayedApplication()
        var visitor = PlayedVisitor(application)
        let early = try await visitor.send(.get, "/")
        #expect(early.status == 409)
        #expect(early.text.contains("Nobody has logged in here with this browser yet."))
        // A look makes nothing.
        #expect(visitor.cookies.isEmpty && application.transport.requests.isEmpty)

        try await visitor.logIn(as: "alice")
        #expect(try await visitor.token() == "token-of-alice-1")
        #expect(visitor.cookies.keys.sorted() == ["__Host-token_vault_session"])

        let question = try await visitor.send(.get, "/forget")
        #expect(question.status == 200)
        #expect(question.headers[.contentSecurityPolicy]?.contains("form-action 'self'") == true)
        let field = try #require(question.text.firstMatch(of: /name="confirmation" value="([0-9a-f]{64})"/)).1
        let answer = try await visitor.send(
            .post,
            "/forget",
            headers: ["Origin": "https://app.example.com", "Sec-Fetch-Site": "same-origin"],
            body: "confirmation=\(field)"
        )
        #expect(answer.status == 303)
        #expect(answer.headers[.location] == "https://app.example.com/")
        #expect(try await visitor.token() == nil)
        for secret in ["token-of-alice", "code-1", "azure"] {
            #expect(!application.log.text.contains(secret), "\(secret)")
        }
    }

    @Test func whatIsBehindTheMiddlewareIsForThoseWithATokenAndTheRestForAll() async throws {
        let application = try PlayedApplication()
        #expect(try await application.send(.get, "/open").text == "for everybody")
        #expect(try await application.send(.get, "/").status == 409)
        var visitor = PlayedVisitor(application)
        try await visitor.logIn(as: "alice")
        let asked = application.transport.requests.count
        #expect(try await visitor.send(.get, "/favicon.ico").status == 404)
        #expect(application.transport.requests.count == asked)
    }

    @Test func theCookieAndTheAnswersAreThoseOfASession() async throws {
        let application = try PlayedApplication()
        var visitor = PlayedVisitor(application)
        let login = try await visitor.send(.get, "/login")
        let cookie = try #require(login.headers[.setCookie])
        #expect(cookie.hasPrefix("__Host-token_vault_session="))
        #expect(cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000; Secure"))
        for answer in [login, try await visitor.send(.get, "/callback"), try await visitor.send(.get, "/forget")] {
            #expect(answer.headers[.cacheControl] == "no-store")
            let policy = try #require(HTTPField.Name("Referrer-Policy"))
            #expect(answer.headers[policy] == "no-referrer")
        }
        let location = try #require(login.headers[.location])
        #expect(location.contains("/login?PostLoginRedirectUrl=https%3A%2F%2Fapp.example.com%2Fcallback%3Fstate%3D"))

        let plain = try PlayedApplication(PlayedApplication.configuration("http://127.0.0.1:8080/"))
        let name = try await plain.send(.get, "/login").headers[.setCookie]?.prefix { $0 != "=" }
        #expect(name == "token_vault_session_8080")
    }

    @Test func belowAPrefixOfAProxyAndWithPathsOfItsOwnItIsTheSame() async throws {
        var configuration = try PlayedApplication.configuration("https://example.com/photos")
        configuration.paths.login = "/dropbox/login"
        configuration.paths.callback = "/dropbox/back"
        configuration.paths.forget = "/dropbox/forget"
        configuration.paths.home = "/open"
        let application = try PlayedApplication(configuration)
        var visitor = PlayedVisitor(application)
        visitor.home = "https://example.com/photos"
        let callback = try await visitor.beginLogin(as: "alice", login: "/dropbox/login")
        #expect(callback.hasPrefix("/dropbox/back?state="))
        let answer = try await visitor.send(.get, callback)
        #expect(answer.headers[.location] == "https://example.com/photos/open")
        #expect(try await visitor.token() == "token-of-alice-1")
    }

    // MARK: Whose token it is

    @Test func aPersonHasOneTokenWhateverBrowserItIs() async throws {
        let application = try PlayedApplication(owner: .person { _, context in context.person })
        var laptop = PlayedVisitor(application, person: "1")
        try await laptop.logIn(as: "alice")
        var phone = PlayedVisitor(application, person: "1")
        #expect(try await phone.token() == "token-of-alice-1")
        var bob = PlayedVisitor(application, person: "2")
        bob.cookies = laptop.cookies
        #expect(try await bob.token() == nil)
        // Alice's login, which Bob's account at the same browser must not get.
        let callback = try await laptop.beginLogin(as: "alice")
        bob.cookies = laptop.cookies
        #expect(try await bob.send(.get, callback).status == 403)
        #expect(application.saves == 1)
    }

    @Test(arguments: [nil, "", String(repeating: "x", count: 1_025)])
    func whoIsNotSignedInToTheApplicationGetsNothing(person: String?) async throws {
        let application = try PlayedApplication(owner: .person { _, context in context.person })
        let visitor = PlayedVisitor(application, person: person)
        for path in ["/", "/login", "/forget"] {
            var visitor = visitor
            let answer = try await visitor.send(.get, path)
            #expect(answer.status == 403, "\(path)")
            #expect(answer.text.contains("you are not signed in to this application"), "\(path)")
        }
        #expect(application.transport.requests.isEmpty)
    }

    @Test func twoApplicationsWithTheSamePeopleHaveTokensOfTheirOwn() async throws {
        var names: Set<String> = []
        for name in ["photos", "music"] {
            var configuration = try PlayedApplication.configuration()
            configuration.application = name
            let application = try PlayedApplication(configuration, owner: .person { _, _ in "1" })
            var visitor = PlayedVisitor(application)
            try await visitor.logIn(as: "alice")
            names.formUnion(application.vault.state.value.tokens)
        }
        #expect(names.count == 2)
        #expect(names.allSatisfy { $0.wholeMatch(of: /\/services\/dropbox\/tokens\/user-[0-9a-f]{32}/) != nil })
    }

    @Test func everybodySharesATokenThatHasAName() async throws {
        let application = try PlayedApplication(owner: .everybody(tokenNamed: "team"))
        var alice = PlayedVisitor(application)
        try await alice.logIn(as: "alice")
        var bob = PlayedVisitor(application)
        #expect(try await bob.token() == "token-of-alice-1")
        #expect(application.vault.state.value.tokens == ["/services/dropbox/tokens/team"])
    }

    // MARK: What goes wrong is a value

    @Test func theApplicationMakesItsOwnPagesOfFailures() async throws {
        var pages = VisitorTokenPages<PlayedContext>()
        pages.failure = { error, _, _ in
            let link = error.offersLogin ? "<a href=login>" : ""
            let body = "<h1>\(error.headline)</h1>\(error.description)\(link)"
            return Response(
                status: error.status,
                headers: [.setCookie: "own=1", .cacheControl: "private"],
                body: .init(byteBuffer: .init(string: body))
            )
        }
        let application = try PlayedApplication(pages: pages)
        var visitor = PlayedVisitor(application)
        let page = try await visitor.send(.get, "/")
        #expect(page.text.hasPrefix("<h1>Nobody is logged in</h1>"))
        #expect(page.text.hasSuffix("<a href=login>"))
        let callback = try await visitor.beginLogin(as: "alice")
        let answer = try await visitor.send(.get, callback.replacing(/code=.*/, with: "error=access_denied"))
        #expect(answer.text.contains("You did not log in"))
        #expect(answer.headers[.cacheControl] == "private")
        // Its own cookie and the session, in which the login is struck out.
        #expect(answer.headers[values: .setCookie].count == 2)
        #expect(try await visitor.send(.get, callback).text.contains("This login is over"))
    }

    @Test(arguments: [
        (400, "Revoked", 409, "notLoggedIn", "no"),
        (404, "NotFound", 409, "notLoggedIn", "Nobody has logged in here yet."),
        (403, "Forbidden", 502, "vaultFailed", "Forbidden"),
        (503, "RenewalPending", 502, "vaultFailed", "RenewalPending"),
    ])
    func aReadThatFailsSaysWhetherALoginHelps(
        status: Int,
        vaultCode: String,
        pageStatus: Int,
        code: String,
        words: String
    ) async throws {
        let application = try PlayedApplication()
        var visitor = PlayedVisitor(application)
        try await visitor.logIn(as: "alice")
        application.vault.refuseOnce(status, vaultCode)
        let answer = try await visitor.send(.get, "/")
        #expect(answer.status == pageStatus)
        #expect(answer.text.contains(words), "\(answer.text)")
        let error = VisitorTokenError(
            reading: VaultError(refusal: .init(status: status, code: vaultCode, message: "no"), "refused")
        )
        #expect(error?.code == (code == "notLoggedIn" ? .notLoggedIn : .vaultFailed))
        #expect(error?.offersLogin == (code == "notLoggedIn"))
        #expect(error?.cause is VaultError)
    }

    @Test func anIdentityThatFailsIsNamedAndItsErrorIsForTheLogAlone() async throws {
        struct Secret: Error, CustomStringConvertible { let description = "s3cret" }
        let application = try PlayedApplication { _ in throw Secret() }
        var visitor = PlayedVisitor(application)
        let answer = try await visitor.send(.get, "/login")
        #expect(answer.status == 502)
        #expect(answer.text.contains("could not prove to Azure who it is"))
        #expect(!answer.text.contains("s3cret") && !application.log.text.contains("s3cret"))
        #expect(application.log.text.contains("Secret"))
    }

    @Test func whatTheProviderSaysIsOneLineAndNotTooLong() {
        let text = "a\u{202E}b\nc " + String(repeating: "x", count: 10_000)
        let error = VisitorTokenError.failed(error: "server_error", text)
        #expect(error.description.hasPrefix("Nothing was saved. ab c xxx"))
        #expect(error.description.count < 600)
    }

    // MARK: What cannot be used

    @Test func aConfigurationThatCannotBeUsedIsSaid() throws {
        let changes: [(String, (inout VisitorTokenConfiguration) -> Void)] = [
            ("publicURL", { $0.publicURL = URL(string: "http://app.example.com/") ?? $0.publicURL }),
            ("publicURL", { $0.publicURL = URL(string: "https://app.example.com/?x=1") ?? $0.publicURL }),
            ("publicURL", { $0.publicURL = URL(string: "/photos") ?? $0.publicURL }),
            ("tokens", { $0.tokens = URL(string: "http://vault.example.com/services/a/tokens") ?? $0.tokens }),
            ("application", { $0.application = "" }), ("cookie", { $0.cookieName = "a=b" }),
            ("cookie", { $0.cookieName = "__Host-a" }), ("path", { $0.paths.login = "login" }),
            ("path", { $0.paths.callback = "/a/:b" }), ("path", { $0.paths.home = "//evil.example" }),
            ("differ", { $0.paths.forget = "/login" }), ("differ", { $0.paths.login = "/" }),
        ]
        for (word, change) in changes {
            var configuration = try PlayedApplication.configuration()
            change(&configuration)
            let error = #expect(throws: VisitorTokenConfigurationError.self) {
                try PlayedApplication(configuration)
            }
            #expect(error?.description.contains(word) == true, "\(word): \(error?.description ?? "")")
        }
        for name in ["", "a/b", "a b", "ä"] {
            #expect(throws: VisitorTokenConfigurationError.self, "\(name)") {
                try PlayedApplication(owner: .everybody(tokenNamed: name))
            }
        }
    }
}
