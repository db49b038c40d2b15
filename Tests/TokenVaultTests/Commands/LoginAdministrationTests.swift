import ArgumentParser
import Foundation
import OAuthWire
import ProgramSupport
import ServerCommand
import TestSupport
import Testing
import TokenTransport
import VaultCore
import VaultSQLite

@testable import TokenVault

@Suite("Administration of logins")
struct LoginAdministrationTests {
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
    }

    private func complaint(_ arguments: String..., input: String = "") async -> String {
        do {
            _ = try await self.files.run(arguments, input: input)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test func addressesAreAddedListedAndTakenAway() async throws {
        let none = try await self.files.run("store", "allow-return")
        #expect(none.first?.hasPrefix("There are none") == true)
        _ = try await self.files.run("store", "allow-return", "https://a.example/", "http://localhost:1/")
        let lines = try await self.files.run("store", "allow-return", "--remove", "http://localhost:1/")
        #expect(lines == ["https://a.example/"])
        let json = try await self.files.run("store", "allow-return", "--json").joined()
        #expect(json.contains("\"https://a.example/\""))
        #expect(
            await self.complaint("store", "allow-return", "http://a.example/").hasPrefix("No browser may be sent to")
        )
    }

    @Test func aServiceIsMadeWithItsSecretFromStandardInput() async throws {
        let arguments = ["service", "set", "gh", "--provider", "GitHub", "--client-id", "id", "--scope", "repo"]
        #expect(try await self.files.run(arguments, input: "s3cret\n") == ["Made the service gh."])
        let store = try await self.files.open()
        let service = try #require(try await store.service("gh"))
        #expect(service.configuration.provider == "github")
        #expect(service.configuration.scopes == ["repo"])
        let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        #expect(try await store.clientSecrets(of: "gh").map { try $0.open(with: sealer.keys) } == ["s3cret"])
        let again = arguments + ["--keep-secret", "--json"]
        #expect(try await self.files.run(again).joined().contains("\"isNew\" : false"))
    }

    @Test func aServiceThatDoesNotFitItsProviderIsNotMade() async throws {
        let nobody = await self.complaint(
            "service",
            "set",
            "a",
            "--provider",
            "nobody",
            "--client-id",
            "id",
            input: "s"
        )
        #expect(nobody.hasPrefix("There is no provider nobody"))
        let subdomain = await self.complaint(
            "service",
            "set",
            "a",
            "--provider",
            "zendesk",
            "--client-id",
            "id",
            input: "s"
        )
        #expect(subdomain.contains("subdomain is missing"))
        let secret = await self.complaint("service", "set", "a", "--provider", "google", "--client-id", "id")
        #expect(secret.hasPrefix("Standard input holds no client secret"))
        #expect(try await self.files.open().service("a") == nil)
    }

    @Test func aRefreshTokenBecomesATokenThatIsKept() async throws {
        _ = try await self.files.run(
            ["service", "set", "dbx", "--provider", "dropbox", "--client-id", "id"],
            input: "s3cret"
        )
        let transport = FakeTransport { _ in
            TransportResponse(status: 200, body: Data(#"{"access_token":"at","expires_in":14400}"#.utf8))
        }
        let command = try #require(
            try TokenVaultCommand.parseAsRoot(["token", "import-refresh", "dbx", "t"]) as? TokenImportRefreshCommand
        )
        let context = CommandContext(
            environment: self.files.environment,
            readInput: { _ in Data("the-rt\n".utf8) },
            write: { _ in }
        )
        try await command.run(in: context, transport: transport)
        let request = try #require(transport.requests.first)
        #expect(String(decoding: request.body ?? Data(), as: UTF8.self).contains("refresh_token=the-rt"))
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        let credential = try #require(try await store.token(service: "dbx", name: "t")?.credential)
        #expect(try sealer.keys.openAccessToken(of: credential) == "at")
        #expect(credential.refreshDigest == Credential.digest("the-rt"))
    }
}
