import ProgramSupport
import VaultCore
import VaultSQLite

extension SQLiteStore {
    /// The store with an audit that is chained, with an error for a person when its key does not open.
    ///
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    func chainingAudit(
        sealer: CredentialSealer,
        live: LivenessFile,
        settings: StoreSettings
    ) async throws -> SQLiteStore {
        do {
            return try await self.chainingAudit(sealer: sealer, live: live)
        } catch SealerError.damaged {
            throw ConfigurationError(
                "The key of the audit in the store \(settings.database) is damaged: restore it from a backup."
            )
        }
    }
}
