import AppAuthentication
import AsyncHTTPTransport
import ProgramSupport
import TokenTransport
import VaultCore

/// Where the store and its key are: what every command needs.
struct StoreSettings: Sendable, Equatable {
    let address: StoreAddress
    private let keyFilePath: String?
    private let keyVaultKey: KeyVaultKey?
    /// Where systemd hands credentials to this service.
    private let credentialsDirectory: String?

    /// Reads `TOKEN_VAULT_STORE`, and `TOKEN_VAULT_KEY_FILE` or `TOKEN_VAULT_KEY_VAULT_KEY`.
    init(environment: [String: String]) throws {
        guard let database = Self.path("TOKEN_VAULT_STORE", in: environment) else {
            throw ConfigurationError(
                "TOKEN_VAULT_STORE is not set: give the path of the database, for example /var/lib/token-vault/vault.sqlite, or its "
                    + "address, for example postgresql://token-vault@db.example.com/token_vault."
            )
        }
        self.address = try StoreAddress(database, environment: environment)
        self.keyFilePath = Self.path("TOKEN_VAULT_KEY_FILE", in: environment)
        self.keyVaultKey = try Self.path("TOKEN_VAULT_KEY_VAULT_KEY", in: environment).map {
            try KeyVaultKey($0, from: "TOKEN_VAULT_KEY_VAULT_KEY")
        }
        self.credentialsDirectory = Self.path("CREDENTIALS_DIRECTORY", in: environment)
        guard self.keyFilePath == nil || self.keyVaultKey == nil else {
            throw ConfigurationError(
                "TOKEN_VAULT_KEY_FILE and TOKEN_VAULT_KEY_VAULT_KEY are both set: keep the one that the store's keys are wrapped "
                    + "with."
            )
        }
    }

    /// The key file, for a store whose key is in one.
    func keyFile() throws -> KeyFile {
        guard let keyFilePath else {
            throw ConfigurationError(
                "TOKEN_VAULT_KEY_FILE is not set: give the path of the key file, "
                    + "outside the directory of the database."
            )
        }
        return self.keyFile(at: keyFilePath)
    }

    func keyFile(at path: String) -> KeyFile {
        KeyFile(path: path, databasePath: self.databasePath, credentialsDirectory: self.credentialsDirectory)
    }

    /// The file of the store, for a command that is about that file.
    ///
    /// - Throws: ``ConfigurationError`` for a store that is not in a file.
    func file(for command: String) throws -> String {
        switch self.address {
        case .file(let path): return path
        case .postgres:
            throw ConfigurationError(
                "`\(command)` is for stores in a SQLite file: this one is in PostgreSQL, whose own pg_dump and pg_restore do that; "
                    + "see docs/postgresql.md."
            )
        }
    }

    private var databasePath: String? {
        switch self.address {
        case .file(let path): path
        case .postgres: nil
        }
    }

    /// Where answers of providers go that the store cannot take.
    var journalPath: String {
        switch self.address {
        case .file(let path): AnswerJournal.path(ofStore: path)
        case .postgres(_, let directory): "\(directory)/postgresql-answers"
        }
    }

    /// Where the key comes from, for those commands that open or seal credentials.
    ///
    /// - Throws: ``ConfigurationError``.
    func keySource(environment: [String: String], transport: (any HTTPTransport)? = nil) throws -> KeySource {
        guard let keyVaultKey else { return .file(try self.keyFile()) }
        return .keyVault(keyVaultKey, try KeyVaultClient(environment: environment, transport: transport))
    }

    private static func path(_ name: String, in environment: [String: String]) -> String? {
        guard let path = environment[name], !path.isEmpty else {
            return nil
        }
        return path
    }
}
