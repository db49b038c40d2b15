import Foundation
import ProgramSupport
import VaultCore
import VaultPostgres
import VaultSQLite

/// Which store `TOKEN_VAULT_STORE` names.
enum StoreAddress: Sendable, Equatable, CustomStringConvertible {
    /// A SQLite database, by its path.
    case file(String)
    /// A database of PostgreSQL, and the directory of this machine for what is known here of it.
    case postgres(PostgresAddress, stateDirectory: String)

    /// Where machines keep what they know of a store that is not in a file.
    private static let stateDirectory = "/var/lib/token-vault"

    /// Reads `TOKEN_VAULT_STORE`, with the settings that go with an address.
    ///
    /// - Throws: ``ConfigurationError``.
    init(_ text: String, environment: [String: String]) throws {
        guard PostgresAddress.isPostgres(text) else {
            self = .file(text)
            return
        }
        let directory = environment["TOKEN_VAULT_STATE_DIRECTORY"] ?? ""
        do {
            self = .postgres(
                try PostgresAddress(text, environment: environment),
                stateDirectory: directory.isEmpty ? Self.stateDirectory : directory
            )
        } catch let error as StoreError {
            throw error.commandError
        }
    }

    /// For a person and for logs; no password is in it.
    var description: String {
        switch self {
        case .file(let path): path
        case .postgres(let address, _): address.description
        }
    }

    /// Opens the store, and brings its tables up to date.
    ///
    /// - Throws: `StoreError`.
    func open(now: @escaping @Sendable () -> Date = { Date() }) async throws -> any AdministeredStore {
        switch self {
        case .file(let path): try await SQLiteStore.open(at: path, now: now)
        case .postgres(let address, let directory):
            try await PostgresStore.open(address, stateDirectory: directory, now: now)
        }
    }

    /// The same for whoever serves the store or writes into it: others see that as long as either value is there.
    ///
    /// - Throws: `StoreError`.
    func openLive(now: @escaping @Sendable () -> Date = { Date() }) async throws -> (
        store: any AdministeredStore, live: any VaultInstance
    ) {
        switch self {
        case .file(let path):
            let (store, live) = try await SQLiteStore.openLive(at: path, now: now)
            return (store, live)
        case .postgres(let address, let directory):
            let (store, live) = try await PostgresStore.openLive(address, stateDirectory: directory, now: now)
            return (store, live)
        }
    }

    /// Opens the database of a store that is there or is about to be made.
    ///
    /// - Throws: `StoreError`.
    func openOrCreate() async throws -> any AdministeredStore {
        switch self {
        case .file(let path): try await SQLiteStore.openOrCreate(at: path)
        case .postgres(let address, let directory):
            try await PostgresStore.openOrCreate(address, stateDirectory: directory)
        }
    }

    /// The store there, on its way to another database.
    ///
    /// - Throws: `StoreError`, such as when a vault serves it.
    func departing() async throws -> any DepartingStore {
        switch self {
        case .file(let path): try await SQLiteDeparture(at: path)
        case .postgres(let address, _): try await PostgresDeparture(address)
        }
    }

    /// The database there, for a store that comes from another one.
    ///
    /// - Throws: `StoreError`.
    func arriving() async throws -> any ArrivingStore {
        switch self {
        case .file(let path): try await SQLiteArrival(at: path)
        case .postgres(let address, _): try await PostgresArrival(address)
        }
    }
}
