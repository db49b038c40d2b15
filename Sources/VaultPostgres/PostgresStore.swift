package import Foundation
package import VaultCore

/// The vault's storage in PostgreSQL, for vaults on several machines: it holds secrets only sealed.
///
/// All waits are on the threads of a pool of connections. Each call ends within the deadline of the address, or two seconds after it
/// where the connection is lost at the very end of a change and the server is asked what became of that.
package struct PostgresStore: AdministeredStore {
    let database: PostgresDatabase
    package let now: @Sendable () -> Date
    /// The clock of this machine that leases run on.
    let leaseNow: @Sendable () -> LeaseTime
    let origins: OriginFile
    /// When leases of other machines were seen first.
    let watch = LeaseWatch()
    /// What chains the entries that this store writes into the audit; nil where they are not chained yet.
    var chain: AuditChain?
    /// How much may be made through this value of the store.
    package var quotas = StoreQuotas.none
    /// By what others on this machine see that the store is open; nil where nobody has to.
    var live: PostgresInstance?
    /// Whether messages about tokens are kept for somebody.
    package var sendsWebhooks = false

    private init(
        database: PostgresDatabase,
        stateDirectory: String,
        leaseNow: @escaping @Sendable () -> LeaseTime,
        now: @escaping @Sendable () -> Date
    ) {
        self.database = database
        self.origins = OriginFile(stateDirectory: stateDirectory)
        self.leaseNow = leaseNow
        self.now = now
    }

    /// Opens a store, and brings its tables up to date.
    ///
    /// - Parameters:
    ///   - address: Where it is.
    ///   - stateDirectory: A directory of this machine that outlasts the vault, for what is known here of the store.
    ///   - leaseNow: The clock of leases.
    ///   - now: The clock of everything else.
    /// - Returns: The store; its connections end with the last copy of it.
    /// - Throws: ``StoreError``; ``StoreError/Code/unusable`` when there is none, or it is not one that this version can use.
    package static func open(
        _ address: PostgresAddress,
        stateDirectory: String,
        leaseNow: @escaping @Sendable () -> LeaseTime = LeaseClock.system.now,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> Self {
        let database = try PostgresDatabase(address)
        guard try await StoreMigration(database: database).run(creating: false) else {
            throw self.absence(address)
        }
        let store = Self(database: database, stateDirectory: stateDirectory, leaseNow: leaseNow, now: now)
        guard let record = try await store.record() else { throw self.absence(address) }
        try record.checkIsHere(address.description)
        return store
    }

    /// The same for whoever serves the store or writes into it: others on this machine see that, and when it ends.
    package static func openLive(
        _ address: PostgresAddress,
        stateDirectory: String,
        leaseNow: @escaping @Sendable () -> LeaseTime = LeaseClock.system.now,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> (store: Self, live: PostgresInstance) {
        var store = try await self.open(address, stateDirectory: stateDirectory, leaseNow: leaseNow, now: now)
        let live = try PostgresInstance(stateDirectory: stateDirectory, boot: leaseNow().boot)
        store.live = live
        return (store, live)
    }

    /// Opens the database of a store that is there or is about to be made, and makes its schema and tables.
    package static func openOrCreate(
        _ address: PostgresAddress,
        stateDirectory: String,
        leaseNow: @escaping @Sendable () -> LeaseTime = LeaseClock.system.now,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws -> Self {
        let database = try PostgresDatabase(address)
        _ = try await StoreMigration(database: database).run(creating: true)
        let store = Self(database: database, stateDirectory: stateDirectory, leaseNow: leaseNow, now: now)
        try await store.record()?.checkIsHere(address.description)
        return store
    }

    private static func absence(_ address: PostgresAddress) -> StoreError {
        StoreError(
            .unusable,
            "The database \(address) holds no store yet: make one with `token-vault store create --name NAME`, or set TOKEN_VAULT_STORE."
        )
    }

    /// - Throws: ``QuotaError`` when a table has no room for one more.
    static func checkRoom(for kind: QuotaError.Kind, limit: Int?, in db: PostgresTransaction) throws {
        guard let limit else { return }
        let table = kind == .services ? "service" : "token"
        // One at a time, or many at once would each find the last place free.
        try db.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext($1))", [table])
        let count: Int? = try db.value("SELECT count(*) AS value FROM \(table)")
        guard (count ?? 0) < limit else { throw QuotaError(kind, limit: limit) }
    }

    /// A number that no sealed value of this store has had.
    static func nextVersion(in db: PostgresTransaction) throws -> Int64 {
        guard let version: Int64 = try db.value("SELECT nextval('version_number') AS value") else {
            throw SealerError.damaged
        }
        return version
    }

    /// JSON, as columns with lists and dictionaries hold it.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Reads what ``json(_:)`` made.
    static func value<Value: Decodable>(ofJSON text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// Whole seconds; a date beyond what the column holds is the last one.
    static func seconds(_ date: Date) -> Int64 {
        Int64(exactly: date.timeIntervalSince1970.rounded(.down)) ?? .max
    }

    static func date(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: TimeInterval(seconds)) }

    var timestamp: Int64 { Int64(self.now().timeIntervalSince1970) }
}
