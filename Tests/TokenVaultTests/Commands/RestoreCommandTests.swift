import ArgumentParser
import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct RestoreCommandTests {
    private let files: StoreFixture
    private var backup: String { self.files.directory.file("backup") }

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "github", "--provider", "github")
        do {
            let store = try await self.files.open()
            let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
            _ = try await store.saveCredential(
                Credential(accessToken: "access", refreshToken: "refresh"),
                service: "github",
                token: "sample",
                sealer: sealer
            )
        }
        try await self.files.run("backup", self.backup)
    }

    /// The secret of the messages may be for the vault alone, so the address is enough to keep one for it.
    @Test(arguments: [("https://example.com/hooks", 1), ("", 0)])
    func whoeverWaitsForMessagesIsToldWhichTokensNeedALogin(url: String, count: Int) async throws {
        let context = CommandContext(
            environment: self.files.environment.merging(["TOKEN_VAULT_WEBHOOK_URL": url]) { $1 },
            readInput: { _ in Data() },
            write: { _ in }
        )
        let command = try #require(try TokenVaultCommand.parseAsRoot(["restore", self.backup]) as? any VaultCommand)
        try await command.runExplainingErrors(in: context)
        let store = try await self.files.open()
        #expect(try await store.token(service: "github", name: "sample")?.problem == .restored)
        let messages = try await store.takeWebhooks(limit: 10).map { String(decoding: $0.body, as: UTF8.self) }
        #expect(messages.count == count)
        #expect(messages.allSatisfy { $0.contains(#""reason":"Restored""#) })
    }
}
