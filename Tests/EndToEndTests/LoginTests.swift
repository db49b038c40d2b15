import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Log in from the page: page, vault and provider as `make run` starts them, in a real browser.
    @Suite struct LoginTests {
        /// Whose access token it is, as the provider says.
        private static func owner(of token: String, _ stack: Stack) async throws -> String? {
            let answer = try await Browser.get(
                stack.emulatorURL + "/oauth/userinfo",
                headers: ["Authorization": "Bearer \(token)"]
            )
            let person = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
            return person?["preferred_username"] as? String
        }

        /// The person at the browser, from Log in to the page with the token.
        private static func logIn(_ chromium: Chromium, as person: String) throws -> String {
            try chromium.click("#log-in")
            #expect(try chromium.text().contains("Local OAuth provider"))
            _ = try chromium.evaluate("document.querySelector('[value=\(person)]').checked = true")
            try chromium.click("button[value=allow]")
            return try Self.token(chromium)
        }

        private static func token(_ chromium: Chromium) throws -> String {
            let text = try chromium.evaluate("document.querySelector('#token .value')?.textContent") as? String
            return try #require(text, "\((try? chromium.text()) ?? "")")
        }

        private static func look(_ chromium: Chromium, _ name: String) throws {
            for view in BrowserTests.views {
                try chromium.resize(
                    width: view.width,
                    height: view.height,
                    isPhone: view.isPhone,
                    isDark: view.isDark
                )
                let width = try chromium.evaluate("document.documentElement.scrollWidth") as? Int
                #expect(width ?? .max <= view.width, "\(name)-\(view.name)")
                try chromium.screenshot(to: try Checkout.artefact("\(name)-\(view.name).png"))
            }
        }

        @Test func somebodyLogsInSeesTheTokenRenewedAndHasItForgotten() async throws {
            try await Stack.with(.init(login: .init(tokenLifetime: 8))) { stack in
                #expect(try await eventually { try await Browser.get(stack.pageURL + "/").status == 409 })
                let first = try await Browser.get(stack.pageURL + "/")
                #expect(first.visibleText.contains("Something went wrong: This connection is not authenticated."))
                let tokens = try await Chromium.with { chromium in
                    try chromium.open(stack.pageURL + "/")
                    try Self.look(chromium, "log-in")
                    let token = try Self.logIn(chromium, as: "bob")
                    #expect(try chromium.address() == stack.pageURL + "/")
                    let text = try chromium.text()
                    for words in [
                        "Provider Local OAuth provider", "Account bob@example.com", "Scopes profile files.read",
                        "Renewed next 20",
                    ] {
                        #expect(text.contains(words), "\(words) in \(text)")
                    }
                    try Self.look(chromium, "logged-in")
                    var renewed = token
                    for _ in 0..<240 where renewed == token {
                        Thread.sleep(forTimeInterval: 0.5)
                        try chromium.open(stack.pageURL + "/")
                        renewed = try Self.token(chromium)
                    }
                    return [token, renewed]
                }
                #expect(tokens[0] != tokens[1])
                #expect(try await Self.owner(of: tokens[1], stack) == "bob")

                try await Chromium.with { chromium in
                    try chromium.open(stack.pageURL + "/")
                    try chromium.click("a[href=forget]")
                    try Self.look(chromium, "forget")
                    try chromium.click("form button")
                    #expect(try chromium.address() == stack.pageURL + "/")
                    #expect(try chromium.text().contains("Nobody is logged in"))
                    // A person who says no comes back to words, and may begin again.
                    try chromium.click("#log-in")
                    try chromium.click("button[value=cancel]")
                    #expect(try chromium.text().contains("The login was cancelled at the provider."))
                    try Self.look(chromium, "cancelled")
                    try chromium.click("a[href=login]")
                    #expect(try chromium.text().contains("Local OAuth provider"))
                }
                // The provider was told too.
                #expect(try await eventually { try await Self.owner(of: tokens[1], stack) == nil })
                for name in ["page.log", "vault.log", "nginx.log", "log/access.log"] {
                    let log = stack.log(name)
                    for secret in tokens + ["code=", "state=", "token_page_session"] {
                        #expect(!log.contains(secret), "\(name)")
                    }
                }
            }
        }

        @Test func eachVisitorHasATokenOfTheirOwn() async throws {
            try await Stack.with(.init(login: .init(tokenName: "{visitor}"))) { stack in
                let tokens = try await Chromium.with { chromium in
                    let alice = chromium.profile
                    try chromium.open(stack.pageURL + "/")
                    let first = try Self.logIn(chromium, as: "alice")
                    let bob = try chromium.openProfile()
                    try chromium.open(stack.pageURL + "/")
                    #expect(try chromium.text().contains("Nobody has logged in here with this browser yet."))
                    let second = try Self.logIn(chromium, as: "bob")
                    // Both go on, one after the other.
                    for (profile, token) in [(alice, first), (bob, second), (alice, first)] {
                        chromium.profile = profile
                        try chromium.open(stack.pageURL + "/")
                        #expect(try Self.token(chromium) == token)
                    }
                    // What one has forgotten the other still has.
                    chromium.profile = alice
                    try chromium.click("a[href=forget]")
                    try chromium.click("form button")
                    #expect(try chromium.text().contains("Nobody is logged in"))
                    chromium.profile = bob
                    try chromium.open(stack.pageURL + "/")
                    #expect(try Self.token(chromium) == second)
                    return [first, second]
                }
                #expect(tokens[0] != tokens[1])
                #expect(try await Self.owner(of: tokens[1], stack) == "bob")
            }
        }

        /// Mallory begins a login, and has Alice's browser go where hers was sent.
        @Test func anotherPersonsLoginEndsInWordsAndSavesNothing() async throws {
            try await Stack.with(.init(login: .init(tokenName: "{visitor}"))) { stack in
                try await Chromium.with { chromium in
                    let mallory = chromium.profile
                    try chromium.open(stack.pageURL + "/")
                    try chromium.click("#log-in")
                    let trap = try chromium.address()
                    #expect(trap.hasPrefix(stack.emulatorURL + "/oauth/authorize"))
                    let alice = try chromium.openProfile()
                    try chromium.open(trap)
                    try chromium.click("button[value=allow]")
                    #expect(try chromium.text().contains("This login was begun in another browser"))
                    for profile in [alice, mallory] {
                        chromium.profile = profile
                        try chromium.open(stack.pageURL + "/")
                        #expect(try chromium.text().contains("Nobody is logged in"))
                    }
                }
                #expect(try await stack.vaultOutput(["token", "list"]).contains("Unauthenticated"))
            }
        }
    }
}
