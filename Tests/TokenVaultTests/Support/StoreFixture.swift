import ArgumentParser
import Foundation
import TestSupport
import VaultCore
import VaultSQLite
import VaultTestSupport

@testable import TokenVault

/// A directory with a store, its key apart from it, and the environment that names both.
struct StoreFixture: Sendable {
    let directory: TemporaryDirectory
    let environment: [String: String]
    let output = Box<[String]>([])

    /// With these settings in place of those of a store.
    init(environment: [String: String]) throws {
        self.directory = try TemporaryDirectory()
        self.environment = environment
    }

    init() throws {
        self.directory = try TemporaryDirectory()
        self.environment = [
            "TOKEN_VAULT_STORE": self.directory.file("data/vault.sqlite"),
            "TOKEN_VAULT_KEY_FILE": self.directory.file("keys/vault.key"),
            "TOKEN_VAULT_ISSUERS": TestIssuer.url,
            "TOKEN_VAULT_PUBLIC_URL": "https://vault.example.com/",
        ]
    }

    var databasePath: String { self.directory.file("data/vault.sqlite") }
    var keyPath: String { self.directory.file("keys/vault.key") }

    /// Runs a command line and returns what it printed.
    @discardableResult
    func run(_ arguments: String..., input: String = "") async throws -> [String] {
        try await self.run(arguments, input: input)
    }

    @discardableResult
    func run(_ arguments: [String], input: String = "") async throws -> [String] {
        self.output.withLock { $0 = [] }
        let console = CommandContext(
            environment: self.environment,
            readInput: { Data(input.utf8).prefix($0.limit + 1) },
            write: { [output = self.output] line in output.withLock { $0.append(line) } },
            archiveRounds: 1 << 14
        )
        let command = try TokenVaultCommand.parseAsRoot(arguments)
        guard let command = command as? any VaultCommand else {
            throw CommandIsAGroup()
        }
        try await command.runExplainingErrors(in: console)
        return self.output.value
    }

    func makeStore() async throws {
        try await self.run("store", "create", "--name", "test", "--create-key")
    }

    func open(now: @escaping @Sendable () -> Date = { Date() }) async throws -> SQLiteStore {
        try await SQLiteStore.open(at: self.databasePath, now: now)
    }

    /// The store as a vault has it, which chains what it writes into the audit.
    func openChained() async throws -> (store: SQLiteStore, sealer: CredentialSealer) {
        let (store, live) = try await SQLiteStore.openLive(at: self.databasePath)
        let sealer = try await store.sealer(keyEncryptionKey: self.keyEncryptionKey())
        return (try await store.chainingAudit(sealer: sealer, live: live), sealer)
    }

    func keyEncryptionKey() throws -> KeyEncryptionKey {
        try KeyFile(path: self.keyPath, databasePath: self.databasePath).read()
    }

    struct CommandIsAGroup: Error {}
}
