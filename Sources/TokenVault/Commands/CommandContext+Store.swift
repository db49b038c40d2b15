import ProgramSupport
import VaultCore
import VaultSQLite

extension CommandContext {
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func openStore() async throws -> SQLiteStore {
        try await SQLiteStore.open(at: StoreSettings(environment: self.environment).database)
    }

    /// Where the store's key comes from.
    ///
    /// - Throws: ``ConfigurationError``.
    func keySource() throws -> KeySource {
        try StoreSettings(environment: self.environment)
            .keySource(environment: self.environment, transport: self.transport)
    }

    /// The store with its keys, for those commands that open or seal something.
    ///
    /// - Throws: ``ConfigurationError``, ``UnavailableError`` and `StoreError`.
    func openSealedStore() async throws -> (store: SQLiteStore, sealer: CredentialSealer) {
        let unsealed = try await UnsealedStore(
            StoreSettings(environment: self.environment),
            source: self.keySource()
        )
        return (unsealed.store, unsealed.sealer)
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
