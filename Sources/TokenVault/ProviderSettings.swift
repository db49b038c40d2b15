import ProgramSupport
import VaultCore

/// Which identity providers there are: the vault's own rows, and those of the directory in `TOKEN_VAULT_PROVIDERS`.
enum ProviderSettings {
    /// - Throws: ``ConfigurationError`` for a row that cannot be used.
    static func catalog(environment: [String: String]) throws -> ProviderCatalog {
        let directory = environment["TOKEN_VAULT_PROVIDERS"].flatMap { $0.isEmpty ? nil : $0 }
        do throws(ProviderFileError) {
            return try ProviderCatalog(directory: directory)
        } catch {
            throw ConfigurationError("\(error)")
        }
    }
}
