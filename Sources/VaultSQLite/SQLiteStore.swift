import Dispatch
package import Foundation
import GRDB
import Glibc
package import VaultCore

/// The vault's storage: one SQLite database, which holds secrets only sealed.
///
/// All work is done on the queues of GRDB. Several processes may use one store at the same time.
package struct SQLiteStore: AdministeredStore {
    let pool: DatabasePool
    let lookups: TokenLookupQueue
    package let now: @Sendable () -> Date
    /// What chains the entries that this store writes into the audit; nil where they are not chained yet.
    var chain: AuditChain?
    /// How much may be made through this value of the store.
    package var quotas = StoreQuotas.none
    /// By what others see that the store is open; nil where nobody has to.
    var live: LivenessFile?
    /// Whether messages about tokens are kept for somebody.
    package var sendsWebhooks = false

    /// How long a statement waits while another process writes.
    static let busyTimeout: TimeInterval = 5

    /// Opens a store, and brings its tables up to date.
    ///
    /// - Throws: ``StoreError/Code/unusable`` when there is none, or it is not one that this version can use.
    package static func open(at path: String, now: @escaping @Sendable () -> Date = { Date() }) async throws -> Self {
        guard FileManager.default.fileExists(atPath: path) else {
            if let remainder = StoreRestoration.remainder(ofStore: path) {
                throw StoreError(
                    .unusable,
                    "There is no store at \(path), but \(remainder): `token-vault restore` was interrupted; run it again."
                )
            }
            throw StoreError(
                .unusable,
                "There is no store at \(path): make one with `token-vault store create --name NAME`, "
                    + "or set TOKEN_VAULT_STORE."
            )
        }
        let store = try await self.openDatabase(at: path, isNew: false, now: now)
        guard let record = try await store.record() else {
            throw StoreError(
                .unusable,
                "The database \(path) holds no store yet: make it with `token-vault store create --name NAME`."
            )
        }
        try record.checkIsHere(path)
        return store
    }

    /// The same for whoever serves the store or writes into it: no backup takes its place as long as either value is there.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` while a backup does.
    package static func openLive(at path: String, now: @escaping @Sendable () -> Date = { Date() }) async throws -> (
        store: Self, live: LivenessFile
    ) {
        // Before the store: what is opened could be another one's a moment later. Where there is no store, no file is made, nor
        // one of this user's beside a store of somebody else.
        let isThere = [path, LivenessFile.path(ofStore: path)].contains { FileManager.default.fileExists(atPath: $0) }
        if FileManager.default.fileExists(atPath: path) { try PrivateFile.check(path) }
        let early = isThere ? try LivenessFile(databasePath: path) : nil
        var store = try await self.open(at: path, now: now)
        let live = try early ?? LivenessFile(databasePath: path)
        store.live = live
        return (store, live)
    }

    /// Opens the database of a store that is there or is about to be made; no backup takes its place as long as the value is there.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` while a backup does.
    package static func openOrCreate(at path: String, now: @escaping @Sendable () -> Date = { Date() }) async throws
        -> Self
    {
        try PrivateFile.makeDirectory(for: path)
        if FileManager.default.fileExists(atPath: path) { try PrivateFile.check(path) }
        let live = try LivenessFile(databasePath: path)
        // Made here and not by SQLite, which would leave the mode to the umask; the -wal and -shm files inherit it.
        _ = try PrivateFile.create(at: path)
        var store = try await self.openDatabase(at: path, isNew: true, now: now)
        try await store.record()?.checkIsHere(path)
        store.live = live
        do {
            try await store.makeSpaceReturnable()
        } catch let error as DatabaseError {
            throw self.openingFailure(error, path: path)
        }
        return store
    }

    /// Opens a database of this version, whatever store is in it.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - isNew: Whether it may be empty, having been made for this.
    ///   - spansTransactions: Whether a transaction may go on from one call to the next.
    ///   - now: The clock of what is written.
    ///   - opening: Called when it is known which file is to be opened.
    /// - Returns: The store, which may be none yet.
    /// - Throws: ``StoreError``.
    static func openDatabase(
        at path: String,
        isNew: Bool,
        spansTransactions: Bool = false,
        now: @escaping @Sendable () -> Date,
        opening: () throws -> Void = {}
    ) async throws -> Self {
        try PrivateFile.check(path)
        let file = FileIdentity(path: path)
        try opening()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = spansTransactions
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(self.busyTimeout)
        // What is deleted is overwritten; a data key that leaks later shall open no credential that was deleted before.
        configuration.prepareDatabase { db in
            if !isNew { try self.check(path, is: file) }
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        let pool: DatabasePool
        do {
            pool = try await self.makePool(path: path, configuration: configuration)
            // After the pool is made, because it sets NORMAL, with which a power cut may undo the last commits.
            try await pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            guard try await !pool.read(StoreSchema.migrator.hasBeenSuperseded) else {
                throw StoreError(.unusable, "The store \(path) was made by a newer token-vault: use that one.")
            }
            try await self.migrate(pool)
        } catch let error as DatabaseError {
            throw self.openingFailure(error, path: path)
        }
        return Self(pool: pool, lookups: TokenLookupQueue(pool: pool), now: now)
    }

    /// SQLite makes an empty database where there is none any more: that would be taken for a store that nobody set up yet.
    private static func check(_ path: String, is file: FileIdentity?) throws {
        guard FileIdentity(path: path) != file else { return }
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if (attributes?[.size] as? NSNumber)?.intValue == 0 { unlink(path) }
        throw StoreError(.unavailable, "The store \(path) was moved or replaced while it was opened: try again.")
    }

    /// Tells what an administrator has to mend from what passes.
    private static func openingFailure(_ error: DatabaseError, path: String) -> StoreError {
        let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        let text = "The store \(path) cannot be opened: \(reason)."
        guard error.mayPass else {
            return StoreError(.unusable, text, reason: reason)
        }
        return error.isOutOfSpace
            ? StoreError(.full, "\(text) Make room on its disk.", reason: reason)
            : StoreError(.unavailable, text, reason: reason)
    }

    /// Opening a pool and migrating wait for the disk, and for other processes: not on the cooperative pool.
    private static func makePool(path: String, configuration: Configuration) async throws -> DatabasePool {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try DatabasePool(path: path, configuration: configuration) })
            }
        }
    }

    private static func migrate(_ pool: DatabasePool) async throws {
        let _: Void = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try StoreSchema.migrator.migrate(pool) })
            }
        }
    }

    /// The row of the store; nil in a database that was just made.
    package func record() async throws -> StoreRecord? {
        try await self.read { try StoreRecord.fetchOne($0, sql: "SELECT * FROM store") }
    }

    /// The wrapped data keys, the oldest first.
    package func dataKeys() async throws -> [DataKeyRecord] {
        try await self.read { try DataKeyRecord.fetchAll($0, sql: "SELECT * FROM dek ORDER BY id") }
    }

    /// Makes the store and its first data key.
    ///
    /// - Returns: False when there is one already.
    package func create(name: String, keyEncryptionKey: KeyEncryptionKey) async throws -> Bool {
        let keyCheck = try DataKeys.makeKeyCheck(store: name, keyEncryptionKey: keyEncryptionKey)
        let dataKey = try DataKeys.makeDataKey(store: name, keyEncryptionKey: keyEncryptionKey)
        return try await self.write { [now = self.timestamp] db in
            guard try StoreRecord.fetchOne(db, sql: "SELECT * FROM store") == nil else {
                return false
            }
            try db.execute(
                sql: """
                    INSERT INTO store (id, name, key_check_nonce, key_check_ciphertext, created_at)
                    VALUES (1, ?, ?, ?, ?)
                    """,
                arguments: [name, keyCheck.nonce, keyCheck.ciphertext, now]
            )
            try db.execute(
                sql: "INSERT INTO dek (kid, nonce, ciphertext, created_at) VALUES (?, ?, ?, ?)",
                arguments: [dataKey.kid, dataKey.nonce, dataKey.ciphertext, now]
            )
            return true
        }
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        do {
            return try await self.pool.read(body)
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        do {
            return try await self.pool.write(body)
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    func writeWithoutTransaction<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        do {
            return try await self.pool.writeWithoutTransaction(body)
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    /// - Throws: ``QuotaError`` when a table has no room for one more.
    static func checkRoom(for kind: QuotaError.Kind, limit: Int?, in db: Database) throws {
        guard let limit else { return }
        let table = kind == .services ? "service" : "token"
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
        guard count < limit else { throw QuotaError(kind, limit: limit) }
    }

    /// A number that no sealed value of this store has had.
    static func nextVersion(in db: Database) throws -> Int64 {
        let sql = "UPDATE store SET last_version = last_version + 1 RETURNING last_version"
        guard let version = try Int64.fetchOne(db, sql: sql) else {
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

    /// Reads what ``json(_:)`` made of a list.
    static func list(_ text: String) throws -> [String] {
        // Most lists are empty, and every read of a token has two of them.
        guard text != "[]" else { return [] }
        return try self.plainList(text) ?? JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    /// A list of texts without escapes; nil for any other, which a decoder has to take apart.
    private static func plainList(_ text: String) -> [String]? {
        guard text.hasPrefix("[\""), text.hasSuffix("\"]"), !text.utf8.contains(UInt8(ascii: "\\")) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
        // A quotation mark stands on either side of each text: before it a bracket or a comma, and nothing else.
        guard parts.count.isMultiple(of: 2) == false, parts.count >= 3 else { return nil }
        var list: [String] = []
        for index in parts.indices.dropFirst().dropLast() {
            if index.isMultiple(of: 2) {
                guard parts[index].elementsEqual([UInt8(ascii: ",")]) else { return nil }
            } else {
                list.append(String(parts[index]) ?? "")
            }
        }
        return list
    }

    /// Whole seconds; a date beyond what the column holds is the last one.
    static func seconds(_ date: Date) -> Int64 {
        Int64(exactly: date.timeIntervalSince1970.rounded(.down)) ?? .max
    }

    var timestamp: Int64 { Int64(self.now().timeIntervalSince1970) }
}

extension StoreRecord: FetchableRecord {}

extension DataKeyRecord: FetchableRecord {}
