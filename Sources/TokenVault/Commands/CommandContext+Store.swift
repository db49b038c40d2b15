import ProgramSupport
import VaultCore
import VaultSQLite

extension CommandContext {
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func openStore() async throws -> SQLiteStore {
        try await SQLiteStore.open(at: StoreSettings(environment: self.environment).database)
    }

    /// The store with its keys, for those commands that open or seal something.
    ///
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func openSealedStore() async throws -> (store: SQLiteStore, sealer: CredentialSealer) {
        let settings = try StoreSettings(environment: self.environment)
        let keyEncryptionKey = try settings.keyFile().read()
        let store = try await SQLiteStore.open(at: settings.database)
        return (store, try await store.sealer(keyEncryptionKey: keyEncryptionKey, settings: settings))
    }

    /// The same, for those commands that write into the audit.
    ///
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func openChainedStore() async throws -> (store: SQLiteStore, sealer: CredentialSealer) {
        let (store, sealer) = try await self.openSealedStore()
        let settings = try StoreSettings(environment: self.environment)
        let live = try LivenessFile(databasePath: settings.database)
        return (try await store.chainingAudit(sealer: sealer, live: live, settings: settings), sealer)
    }
}
