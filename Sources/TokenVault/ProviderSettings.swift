import ProgramSupport
import VaultCore

/// Which identity providers there are: the vault's own rows, those of the directory in `TOKEN_VAULT_PROVIDERS`, and the
/// ``LocalProvider``.
enum ProviderSettings {
    /// - Throws: ``ConfigurationError`` for a row that cannot be used.
    static func catalog(environment: [String: String]) throws -> ProviderCatalog {
        let directory = environment["TOKEN_VAULT_PROVIDERS"].flatMap { $0.isEmpty ? nil : $0 }
        let local = try LocalProvider(environment: environment)
        do throws(ProviderFileError) {
            let files = if let local { [try local.file()] } else { [ProviderFile]() }
            return try ProviderCatalog(directory: directory, and: files)
        } catch {
            throw ConfigurationError("\(error)")
        }
    }
}
