import ProgramSupport
import VaultCore
import VaultSQLite

extension CommandContext {
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func openStore() async throws -> SQLiteStore {
        try await SQLiteStore.openLive(at: StoreSettings(environment: self.environment).database).store
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
        let unsealed = try await self.unsealedStore()
        return (unsealed.store, unsealed.sealer)
    }

    private func unsealedStore() async throws -> UnsealedStore {
        try await UnsealedStore(StoreSettings(environment: self.environment), source: self.keySource())
    }

    /// The same, for those commands that write into the audit.
    ///
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func openChainedStore() async throws -> (store: SQLiteStore, sealer: CredentialSealer) {
        let unsealed = try await self.unsealedStore()
        let settings = try StoreSettings(environment: self.environment)
        let store = try await unsealed.store.chainingAudit(
            sealer: unsealed.sealer,
            live: unsealed.live,
            settings: settings
        )
        return (store, unsealed.sealer)
    }
}
