package import Foundation
package import TestSupport
package import VaultCore
package import VaultSQLite

/// A directory with a SQLite store, and its key apart from it.
package struct SQLiteStoreFixture: Sendable {
    package let directory: TemporaryDirectory

    package init() throws {
        self.directory = try TemporaryDirectory()
    }

    package var databasePath: String { self.directory.file("data/vault.sqlite") }

    package func makeStore() async throws {
        let keyFile = KeyFile(path: self.directory.file("keys/vault.key"), databasePath: self.databasePath)
        let store = try await SQLiteStore.openOrCreate(at: self.databasePath)
        _ = try keyFile.create()
        _ = try await store.create(name: "test", keyEncryptionKey: keyFile.read())
    }

    package func open(now: @escaping @Sendable () -> Date = { Date() }) async throws -> SQLiteStore {
        try await SQLiteStore.open(at: self.databasePath, now: now)
    }

    /// The store as a vault has it, which chains what it writes into the audit.
    package func openChained(
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> (store: SQLiteStore, sealer: CredentialSealer) {
        let store = try await self.open(now: now)
        let sealer = try await store.sealer(keyEncryptionKey: self.keyEncryptionKey())
        let live = try LivenessFile(databasePath: self.databasePath)
        return (try await store.chainingAudit(sealer: sealer, live: live), sealer)
    }

    package func keyEncryptionKey() throws -> KeyEncryptionKey {
        try KeyFile(path: self.directory.file("keys/vault.key"), databasePath: self.databasePath).read()
    }
}
