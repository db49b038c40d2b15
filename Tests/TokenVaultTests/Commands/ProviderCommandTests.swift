import Foundation
import ProgramSupport
import TestSupport
import Testing
import VaultTestSupport

@testable import TokenVault

@Suite("provider")
struct ProviderCommandTests {
    private let directory: TemporaryDirectory

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    private func file(_ text: String) throws -> String {
        let path = "\(self.directory.path)/rows.json"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> [String] {
        try await CommandRun.lines(arguments, environment: environment)
    }

    @Test func theProvidersAreListedWithWhatAServiceHasToGive() async throws {
        let lines = try await self.run("provider", "list")
        #expect(lines.contains { $0.hasPrefix("github ") })
        #expect(lines.contains { $0.contains("Zendesk") && $0.hasSuffix(" subdomain") })
        #expect(lines.contains { $0.contains("Microsoft") && $0.hasSuffix(" tenant?") })
    }

    @Test func aScriptGetsThemAsJSON() async throws {
        let text = try await self.run("provider", "list", "--json").joined(separator: "\n")
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        let google = try #require(rows.first { $0["name"] as? String == "google" })
        #expect(google["renewWith"] as? String == "refreshToken")
    }

    @Test func aFileIsCheckedBeforeTheVaultReadsIt() async throws {
        let path = try self.file("{\"acme\": {\"extends\": \"google\"}, \"google\": {\"extends\": \"google\"}}")
        let lines = try await self.run("provider", "check", path)
        #expect(lines.dropFirst() == ["acme      is new", "google    takes the place of the vault's own"])
    }

    @Test func aMistakeIsSaidWithFileAndColumn() async throws {
        let path = try self.file("{\"acme\": {\"extends\": \"google\", \"colour\": \"red\"}}")
        let sentence =
            "The provider file \(path) cannot be used: acme.colour is not a column that this version knows."
        let error = await #expect(throws: ConfigurationError.self) { try await self.run("provider", "check", path) }
        #expect(error?.description == sentence)
        // The vault does not start with it either.
        let environment = ["TOKEN_VAULT_PROVIDERS": self.directory.path]
        let atStart = await #expect(throws: ConfigurationError.self) {
            try await self.run("provider", "list", environment: environment)
        }
        #expect(atStart?.description == sentence)
    }
}
