import ProgramSupport
import VaultCore

/// Where the key that wraps the store's data keys comes from.
enum KeySource: Sendable {
    case file(KeyFile)
    case keyVault(KeyVaultKey, KeyVaultClient)

    /// The key of a store.
    ///
    /// - Throws: ``ConfigurationError``, ``UnavailableError`` and `StoreError`.
    func key(of store: StoreRecord) async throws -> KeyEncryptionKey {
        switch (self, store.wrapping) {
        case (.file(let file), nil): return try file.read()
        case (.keyVault(let key, let client), let wrapping?): return try await client.unwrap(wrapping, of: key)
        case (.file, let wrapping?):
            throw ConfigurationError(
                "The store's key is wrapped with a key of a Key Vault: set TOKEN_VAULT_KEY_VAULT_KEY to "
                    + "\(KeyVaultKey(wrapping.keyID)?.withoutVersion.description ?? wrapping.keyID), and take TOKEN_VAULT_KEY_FILE away."
            )
        case (.keyVault, nil):
            throw ConfigurationError(
                "The store's key lies in a file: set TOKEN_VAULT_KEY_FILE in the place of TOKEN_VAULT_KEY_VAULT_KEY, and have it "
                    + "wrapped with `token-vault key rewrap --key-vault-key ADDRESS`."
            )
        }
    }

    /// Where it is: a path or an address.
    var place: String {
        switch self {
        case .file(let file): file.path
        case .keyVault(let key, _): key.description
        }
    }

    /// What it is, for a person.
    var description: String {
        switch self {
        case .file(let file): "the key file \(file.path)"
        case .keyVault(let key, _): "the key \(key)"
        }
    }

    /// The setting that names it, for a person.
    var setting: String {
        switch self {
        case .file(let file): "TOKEN_VAULT_KEY_FILE=\(file.path)"
        case .keyVault(let key, _): "TOKEN_VAULT_KEY_VAULT_KEY=\(key.withoutVersion)"
        }
    }
}
