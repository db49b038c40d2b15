import ProgramSupport
import VaultCore
import VaultSQLite

extension VaultStore {
    /// Unwraps the keys of this store, with an error for a person when that fails.
    ///
    /// - Throws: ``ConfigurationError``.
    func sealer(keyEncryptionKey: KeyEncryptionKey, settings: StoreSettings) async throws -> CredentialSealer {
        do {
            return try await self.sealer(keyEncryptionKey: keyEncryptionKey)
        } catch SealerError.wrongKey {
            throw ConfigurationError(
                "The key file does not fit the store \(settings.database): "
                    + "set TOKEN_VAULT_KEY_FILE to the key that the store was made with."
            )
        } catch SealerError.damaged {
            throw ConfigurationError(
                "The data keys of the store \(settings.database) are damaged: restore it from a backup."
            )
        }
    }
}

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
