import ProgramSupport
import VaultCore

extension AdministeredStore {
    /// The store with an audit that is chained, with an error for a person when its key does not open.
    ///
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func chainingAudit(
        sealer: CredentialSealer,
        live: any VaultInstance,
        settings: StoreSettings
    ) async throws -> Self {
        do {
            return try await self.chainingAudit(sealer: sealer, live: live)
        } catch SealerError.damaged {
            throw ConfigurationError(
                "The key of the audit in the store \(settings.address) is damaged: restore it from a backup."
            )
        }
    }
}
