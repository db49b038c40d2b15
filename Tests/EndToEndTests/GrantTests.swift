import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// A page that nobody has let into the vault yet, and the command that does.
    @Suite struct GrantTests {
        @Test func whatThePageAndTheCommandLineSayLetsThePageIn() async throws {
            try await Stack.with(.init(grantsAccess: false)) { stack in
                #expect(try await eventually { try await Browser.get(stack.pageURL + "/").text.contains("Forbidden") })
                let answer = try await Browser.get(stack.pageURL + "/", headers: ["Accept": "application/json"])
                let page = try #require(
                    try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
                )
                #expect(
                    page["caller"] as? [String: String] == ["tenantId": stack.tenantID, "objectId": stack.objectID]
                )
                let grant = "token-vault policy grant --tenant \(stack.tenantID) --object \(stack.objectID)"
                #expect(page["grant"] as? String == grant + " --permissions GetToken")
                #expect(try await Browser.get(stack.pageURL + "/").visibleText.contains(grant))

                let whoami = try ChildProcess(
                    Checkout.program("azure-token"),
                    ["whoami"],
                    environment: try await stack.identityVariables(for: "app-service").merging([
                        "PATH": "/nowhere", "AZURE_AUTHORITY_HOST": stack.emulatorURL + "/",
                    ]) { $1 },
                    log: stack.directory.appending(path: "whoami.log")
                )
                #expect(try await whoami.waitForEnd() == 0)
                #expect(whoami.logText.contains("    \(grant) --permissions GetToken\n"), "\(whoami.logText)")

                // The vault's own, as an administrator would paste it.
                let error = try #require(page["error"] as? String)
                let command = try #require(error.firstMatch(of: /token-vault (policy grant .*)/)).1
                #expect(command.hasSuffix(" --permissions GetToken"))
                try await stack.vault(command.split(separator: " ").map(String.init))
                let token = stack.sampleToken
                #expect(try await eventually { try await Browser.get(stack.pageURL + "/").text.contains(token) })
            }
        }
    }
}
