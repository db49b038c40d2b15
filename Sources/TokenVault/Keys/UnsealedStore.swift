import Foundation
import ProgramSupport
import VaultCore

/// A store whose keys were opened.
struct UnsealedStore: Sendable {
    let store: any AdministeredStore
    let live: any VaultInstance
    let sealer: CredentialSealer

    /// Opens the database, brings its tables up to date, and unwraps its keys.
    ///
    /// - Throws: ``ConfigurationError``, ``UnavailableError`` and `StoreError`; a store whose key does not fit is never taken for
    ///   an empty one.
    init(
        _ settings: StoreSettings,
        source: KeySource,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws {
        // A file that cannot be read is said before anything is done to the database.
        if case .file(let file) = source { _ = try file.read() }
        (self.store, self.live) = try await settings.address.openLive(now: now)
        self.sealer = try await Self.sealer(of: self.store, source: source, address: settings.address)
    }

    /// Unwraps the keys of a store, with an error for a person when that fails.
    ///
    /// - Throws: ``ConfigurationError``, ``UnavailableError`` and `StoreError`.
    static func sealer(of store: any AdministeredStore, source: KeySource, address: StoreAddress) async throws
        -> CredentialSealer
    {
        do {
            guard let record = try await store.record() else { throw SealerError.damaged }
            return try await store.sealer(keyEncryptionKey: source.key(of: record)) {
                guard let record = try await store.record() else { throw SealerError.damaged }
                return try await source.key(of: record)
            }
        } catch SealerError.wrongKey {
            switch source {
            case .file:
                throw ConfigurationError(
                    "The key file does not fit the store \(address): set TOKEN_VAULT_KEY_FILE to the key that the store was "
                        + "made with, or to the last one that `token-vault key rewrap` was given."
                )
            case .keyVault(let key, _):
                throw ConfigurationError(
                    "What \(key) unwraps does not fit the store \(address): the database was damaged; restore it from a backup."
                )
            }
        } catch is SealerError {
            throw ConfigurationError(
                "The data keys of the store \(address) are damaged: restore it from a backup."
            )
        }
    }
}
