import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// How the programs end, which is what the units in deploy/ go by.
    @Suite struct ExitCodeTests {
        private static let page = [
            "TOKEN_VAULT_URL": "https://vault.example.com/services/dropbox/tokens/sample",
            "TOKEN_PAGE_TEMPLATES": Checkout.root.appending(path: "www/templates").path(percentEncoded: false),
        ]

        private func end(
            _ program: String,
            _ arguments: [String],
            _ environment: [String: String]
        ) async throws -> (code: Int32?, lines: [Substring]) {
            let log = FileManager.default.temporaryDirectory.appending(path: "exit-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: log) }
            let process = try ChildProcess(
                Checkout.program(program),
                arguments,
                environment: environment.merging(["PATH": "/nowhere"]) { $1 },
                log: log
            )
            return (try await process.waitForEnd(), process.logText.split(separator: "\n"))
        }

        struct BadSetting: Sendable {
            let program: String
            let arguments: [String]
            let environment: [String: String]
            let line: String

            init(_ program: String, _ arguments: [String] = [], _ environment: [String: String] = [:], line: String) {
                self.program = program
                self.arguments = arguments
                self.environment = environment
                self.line = "\(program): \(line)"
            }
        }

        @Test(arguments: [
            BadSetting("token-page", line: "TOKEN_VAULT_URL is not set"),
            BadSetting("token-page", [], ["TOKEN_VAULT_URL": "nonsense"], line: "TOKEN_VAULT_URL"),
            BadSetting(
                "token-page",
                ["--credentials-socket", "/nowhere/s"],
                Self.page,
                line: "There is a socket for the credentials of units, and TOKEN_PAGE_CREDENTIALS is not set"
            ),
            BadSetting("token-vault", line: "TOKEN_VAULT_STORE is not set"),
            BadSetting(
                "token-vault",
                ["serve"],
                ["TOKEN_VAULT_STORE": "/nowhere/s"],
                line: "TOKEN_VAULT_ISSUERS is not"
            ),
            BadSetting(
                "token-vault",
                ["audit", "list"],
                ["TOKEN_VAULT_STORE": "/nowhere/s"],
                line: "There is no store at /nowhere/s"
            ),
            BadSetting("azure-emulator", ["serve", "--tcp", "127.0.0.1:9"], line: "AZURE_EMULATOR_STATE is not set"),
            BadSetting("azure-token", ["whoami"], ["AzureServicesAuthConnectionString": "RunAs=Nobody"], line: ""),
        ])
        func aBadSettingEndsWithCode78AndOneLine(setting: BadSetting) async throws {
            let end = try await self.end(setting.program, setting.arguments, setting.environment)
            #expect(end.code == 78)
            #expect(end.lines.count == 1)
            #expect(end.lines.first?.hasPrefix(setting.line) == true, "\(end.lines)")
        }

        @Test func rulesForUnitsWithoutASocketAreABadSetting() async throws {
            let directory = try TemporaryDirectory()
            let rules = ["TOKEN_PAGE_CREDENTIALS": try directory.write("{}", to: "credentials.json")]
            let end = try await self.end(
                "token-page",
                ["--socket", directory.file("s")],
                Self.page.merging(rules) { $1 }
            )
            #expect(end.code == 78)
            #expect(
                end.lines.last?.hasPrefix("token-page: TOKEN_PAGE_CREDENTIALS is set, and there is no socket for it")
                    == true
            )
        }

        @Test(arguments: ["token-page", "token-vault", "azure-emulator", "azure-token"])
        func aWrongCommandLineEndsWithCode64(program: String) async throws {
            #expect(try await self.end(program, ["--no-such-option"], [:]).code == 64)
        }

        @Test func whatMayWorkLaterEndsWithCode75() async throws {
            let end = try await self.end("token-page", ["--socket", "/nowhere/at/all/s"], Self.page)
            #expect(end.code == 75)
            #expect(end.lines.last?.hasPrefix("token-page: Cannot open the directory /nowhere/at/all") == true)
        }
    }
}
