import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Parts that are down, slow, or talk nonsense.
    @Suite struct FailureTests {
        @Test func withoutTheEmulatorThreeMethodsAreTriedAndExplained() async throws {
            try await Stack.with { stack in
                try await stack.stop("emulator")
                let page = try await Browser.get(stack.pageURL + "/")
                #expect(page.status == 502)
                // Nothing is waited for: after 25 seconds the page would say that this took too long.
                #expect(page.elapsed < .seconds(20))
                let text = page.visibleText
                #expect(text.contains("Something went wrong:"))
                #expect(text.contains("Tried the following 3 methods to get an access token, but none of them worked."))
                #expect(text.contains("Tried to get token using Managed Service Identity."))
                #expect(text.contains("Tried to get token using Azure CLI."))
                #expect(text.contains("Tried to get token using Active Directory Integrated Authentication."))
                for anchor in ["managed-identity", "azure-cli", "active-directory-integrated-authentication"] {
                    #expect(page.text.contains("#\(anchor)\""))
                }
                // It recovers by itself.
                try stack.startEmulator()
                let hasRecovered = try await eventually { try await Browser.get(stack.pageURL + "/").status == 200 }
                #expect(hasRecovered)
            }
        }

        @Test func withoutTheVaultThePageSaysSoAndRecovers() async throws {
            try await Stack.with { stack in
                #expect(try await Browser.get(stack.pageURL + "/").status == 200)
                try await stack.stop("vault")
                let page = try await Browser.get(stack.pageURL + "/")
                #expect(page.status == 502)
                #expect(page.visibleText.contains("Something went wrong:"))
                #expect(page.visibleText.contains("Principal Used: IsAuthenticated:True Type:App"))
                try stack.startVault()
                let hasRecovered = try await eventually { try await Browser.get(stack.pageURL + "/").status == 200 }
                #expect(hasRecovered)
            }
        }

        @Test func aCallerWithoutAccessIsRefused() async throws {
            var options = Stack.Options()
            options.grantsAccess = false
            try await Stack.with(options) { stack in
                let page = try await Browser.get(stack.pageURL + "/")
                #expect(page.status == 502)
                #expect(page.visibleText.contains("403"))
                #expect(page.text.contains("#access-denied\""))
                try await stack.grantAccess()
                #expect(try await Browser.get(stack.pageURL + "/").status == 200)
            }
        }

        @Test(arguments: [
            (LoopbackServer.Answer.silence, 504, "vault-timeout"),
            (.raw("this is not HTTP\r\n\r\n"), 502, "vault-unreachable"),
            (.close, 502, "vault-unreachable"),
            (.text("<script>alert(1)</script>", status: 500), 502, "vault-refused"),
            (.text("{\"Value\":", status: 200, type: "application/json"), 502, "vault-refused"),
        ])
        func aVaultThatMisbehavesIsExplained(answer: LoopbackServer.Answer, status: Int, anchor: String) async throws {
            let vault = try LoopbackServer(answer)
            defer { vault.stop() }
            // Whoever answers has more time than a busy machine takes for it.
            let environment = [
                "TOKEN_VAULT_URL": vault.url("/t").absoluteString, "TOKEN_VAULT_TIMEOUT": status == 504 ? "1" : "15",
            ]
            try await Stack.with(.init(pageEnvironment: environment)) { stack in
                let page = try await Browser.get(stack.pageURL + "/")
                #expect(page.status == status)
                #expect(page.visibleText.contains("Something went wrong:"))
                #expect(page.text.contains("troubleshooting.html#"))
                #expect(!page.text.contains("<script>"))
                // Below the ten seconds that a vault has when nothing is set.
                #expect(page.elapsed < .seconds(9))
            }
        }

        @Test func aPageThatIsDownLeavesAFriendlyErrorAndComesBack() async throws {
            try await Stack.with { stack in
                try await stack.stop("page")
                let page = try await Browser.get(stack.pageURL + "/")
                #expect(page.status == 502)
                #expect(page.headers["content-type"]?.hasPrefix("text/html") == true)
                #expect(page.text.contains("/static/page.css"))
                try await stack.startPage()
                #expect(try await stack.pageWhenUp().status == 200)
            }
        }

        @Test func badSettingsEndTheProgramWithOneSentence() async throws {
            try await Stack.with { stack in
                for (name, value) in [
                    ("TOKEN_VAULT_URL", "nonsense"), ("TOKEN_VAULT_TIMEOUT", "soon"), ("LOG_LEVEL", "loud"),
                ] {
                    var environment = try await stack.pageEnvironment()
                    environment[name] = value
                    let log = stack.directory.appending(path: "check-\(name)")
                    let check = try ChildProcess(
                        Checkout.program("token-page"),
                        ["--check"],
                        environment: environment,
                        log: log
                    )
                    #expect(try await check.waitForEnd() == 78)
                    #expect(check.logText.contains(name))
                    #expect(check.logText.split(separator: "\n").count == 1)
                }
            }
        }
    }
}
