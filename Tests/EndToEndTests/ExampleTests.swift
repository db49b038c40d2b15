import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The programs of docs/Examples that need a vault, with a real one.
    @Suite struct ExampleTests {
        /// A web application on Hummingbird's own server, which nginx has below a path of its own.
        private struct WebApplication {
            let publicURL: String
            let process: ChildProcess

            init(stack: Stack, proxyPort: Int, port: Int) async throws {
                self.publicURL = "http://127.0.0.1:\(proxyPort)/photos/"
                let publicURL = self.publicURL
                try await stack.vault(["service", "allow-return", "dropbox", publicURL])
                let environment = try await stack.identityVariables(for: "app-service").merging([
                    "PATH": "/nowhere", "AZURE_AUTHORITY_HOST": stack.emulatorURL + "/",
                    "SESSION_KEY_FILE": stack.path("example.key"),
                ]) { $1 }
                self.process = try ChildProcess(
                    Checkout.program("example-web-application"),
                    ["\(stack.vaultURL)/services/dropbox/tokens", publicURL, "\(port)"],
                    environment: environment,
                    log: stack.directory.appending(path: "example.log")
                )
                guard try await eventually({ (try? await Browser.get(publicURL).status) == 409 }) else {
                    throw ChildProcess.Failure(description: "the example did not come up: \(self.process.logText)")
                }
            }

            static func with(_ body: (Stack, WebApplication) async throws -> Void) async throws {
                let ports = try FreePorts.take(2)
                var options = Stack.Options(login: .init())
                options.nginxExtra = """
                    server {
                        listen 127.0.0.1:\(ports[0]);
                        location /photos/ { proxy_pass http://127.0.0.1:\(ports[1])/; }
                    }
                    """
                try await Stack.with(options) { stack in
                    let application = try await WebApplication(stack: stack, proxyPort: ports[0], port: ports[1])
                    do {
                        try await body(stack, application)
                    } catch {
                        await application.process.stop()
                        throw error
                    }
                    await application.process.stop()
                    #expect(application.process.exitCode == 0, "\(application.process.logText)")
                }
            }
        }

        private static func logIn(_ chromium: Chromium, as person: String) throws {
            try chromium.click("#log-in")
            _ = try chromium.evaluate("document.querySelector('[value=\(person)]').checked = true")
            try chromium.click("button[value=allow]")
        }

        @Test func visitorsOfAWebApplicationLogInAndHaveTheirTokensForgotten() async throws {
            try await WebApplication.with { stack, application in
                try await Chromium.with { chromium in
                    let alice = chromium.profile
                    try chromium.open(application.publicURL)
                    #expect(try chromium.text().contains("Nobody has logged in here with this browser yet."))
                    try Self.logIn(chromium, as: "alice")
                    #expect(try chromium.address() == application.publicURL)
                    #expect(try chromium.text().contains("You are logged in"))
                    let bob = try chromium.openProfile()
                    try chromium.open(application.publicURL)
                    #expect(try chromium.text().contains("Nobody is logged in"))
                    try Self.logIn(chromium, as: "bob")
                    #expect(try chromium.text().contains("Your token has"))

                    chromium.profile = alice
                    try chromium.click("a[href=forget]")
                    try chromium.click("form button")
                    #expect(try chromium.address() == application.publicURL)
                    #expect(try chromium.text().contains("Nobody is logged in"))
                    // What one has forgotten the other still has.
                    chromium.profile = bob
                    try chromium.open(application.publicURL)
                    #expect(try chromium.text().contains("You are logged in"))
                    // Somebody who says no comes back to words.
                    chromium.profile = alice
                    try chromium.click("#log-in")
                    try chromium.click("button[value=cancel]")
                    #expect(try chromium.text().contains("The login was cancelled at the provider."))
                }
                let list = try await stack.vaultOutput(["token", "list"])
                #expect(list.contains("bob@example.com"))
                #expect(!list.contains("alice@example.com"))
                for secret in ["code=", "state=", "token_vault_session"] {
                    #expect(!application.process.logText.contains(secret), "\(secret)")
                }
            }
        }

        /// Mallory begins a login, and has Alice's browser go where hers was sent; and Alice's own is opened twice.
        @Test func anotherPersonsLoginAndASecondOneSaveNothing() async throws {
            try await WebApplication.with { stack, application in
                try await Chromium.with { chromium in
                    let mallory = chromium.profile
                    try chromium.open(application.publicURL)
                    try chromium.click("#log-in")
                    let trap = try chromium.address()
                    #expect(trap.hasPrefix(stack.emulatorURL + "/oauth/authorize"))
                    _ = try chromium.openProfile()
                    try chromium.open(trap)
                    try chromium.click("button[value=allow]")
                    #expect(try chromium.text().contains("This login was begun in another browser"))
                    chromium.profile = mallory
                    try chromium.open(application.publicURL)
                    #expect(try chromium.text().contains("Nobody is logged in"))
                }
                #expect(try await !stack.vaultOutput(["token", "list"]).contains("@example.com"))
                // What somebody makes up comes to the same page, whatever host the request names.
                let made = application.publicURL + "callback?state=a.b&code=c"
                let answer = try await Browser.get(made, headers: ["Cookie": "token_vault_session=1.a.b"])
                #expect(answer.status == 403)
                #expect(answer.visibleText.contains("This login is not yours"))
            }
        }

        @Test func theExampleOfTheClientGetsATokenAndSaysWhenNobodyHasLoggedIn() async throws {
            try await Stack.with(.init(login: .init())) { stack in
                try Data("\(stack.sampleToken)\n".utf8).write(to: stack.directory.appending(path: "token"))
                try await stack.vault(["token", "import", "dropbox", "imported"], input: stack.path("token"))
                let environment = try await stack.identityVariables(for: "app-service").merging([
                    "PATH": "/nowhere", "AZURE_AUTHORITY_HOST": stack.emulatorURL + "/",
                ]) { $1 }
                for (token, words) in [
                    ("imported", "The vault handed out a token of \(stack.sampleToken.count) characters."),
                    ("sampleToken", "Nobody has logged in yet: "),
                ] {
                    let example = try ChildProcess(
                        Checkout.program("example-vault-token"),
                        ["\(stack.vaultURL)/services/dropbox/tokens/\(token)"],
                        environment: environment,
                        log: stack.directory.appending(path: "example-\(token).log")
                    )
                    #expect(try await example.waitForEnd() == 0, "\(example.logText)")
                    #expect(example.logText.contains(words), "\(example.logText)")
                }
            }
        }
    }
}
