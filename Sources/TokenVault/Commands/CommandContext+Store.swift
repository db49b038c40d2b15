import ProgramSupport
import VaultCore

extension CommandContext {
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func openStore() async throws -> any AdministeredStore {
        try await StoreSettings(environment: self.environment).address.openLive().store
    }

    /// Where the store's key comes from.
    ///
    /// - Throws: ``ConfigurationError``.
    func keySource() throws -> KeySource {
        try self.keySource(of: StoreSettings(environment: self.environment))
    }

    /// The same, for a store that these settings name.
    ///
    /// - Throws: ``ConfigurationError``.
    func keySource(of settings: StoreSettings) throws -> KeySource {
        try settings.keySource(environment: self.environment, transport: self.transport)
    }

    /// The store with its keys, for those commands that open or seal something.
    ///
    /// - Throws: ``ConfigurationError``, ``UnavailableError`` and `StoreError`.
    func openSealedStore() async throws -> (store: any AdministeredStore, sealer: CredentialSealer) {
        let unsealed = try await self.unsealedStore()
        return (unsealed.store, unsealed.sealer)
    }

    private func unsealedStore() async throws -> UnsealedStore {
        try await UnsealedStore(StoreSettings(environment: self.environment), source: self.keySource())
    }

    /// The same, for those commands that write into the audit.
    ///
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func openChainedStore() async throws -> (store: any AdministeredStore, sealer: CredentialSealer) {
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
