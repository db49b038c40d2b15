import Foundation
import GRDB
import TestSupport

/// A ``StoreWatch`` at a file.
final class SQLiteWatch: StoreWatch {
    private let queue: DatabaseQueue

    init(store: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .immediateError
        // A transaction stays open between two calls.
        configuration.allowsUnsafeTransactions = true
        self.queue = try DatabaseQueue(path: store, configuration: configuration)
    }

    func row(of token: String) async throws -> StoreWatchRow? {
        try await self.queue.writeWithoutTransaction { try Self.row(of: token, in: $0) }
    }

    func waits(for token: String, until condition: @escaping @Sendable (StoreWatchRow) -> Bool) async throws -> Bool {
        try await self.queue.writeWithoutTransaction { try Self.row(of: token, until: condition, in: $0) != nil }
    }

    func hold() async throws {
        try await self.queue.writeWithoutTransaction { try Self.begin(in: $0) }
    }

    func hold(
        at token: String,
        when condition: @escaping @Sendable (StoreWatchRow) -> Bool,
        once begun: @escaping @Sendable () -> Void
    ) async throws -> StoreWatchRow? {
        try await self.queue.writeWithoutTransaction { db in
            begun()
            guard try Self.row(of: token, until: condition, in: db) != nil else { return nil }
            try Self.begin(in: db)
            return try Self.row(of: token, in: db)
        }
    }

    func release() async throws {
        try await self.queue.writeWithoutTransaction { db in
            if db.isInsideTransaction { try db.rollback() }
        }
    }

    /// Whether the file is whole.
    func isIntact() async throws -> Bool {
        try await self.queue.writeWithoutTransaction { db in
            try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"]
                && GRDB.Row.fetchAll(db, sql: "PRAGMA foreign_key_check").isEmpty
        }
    }

    /// Makes what ``fill()`` fills; as long as there is room.
    func makeBallast() async throws {
        try await self.queue.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE ballast (bytes BLOB)") }
    }

    /// Takes what room there is in the files of the store, when there is none beside them.
    ///
    /// The log can be begun anew as long as the database holds what is in it; so it is filled with what makes that grow.
    func fill() async throws {
        try await self.queue.writeWithoutTransaction { db in
            for _ in 0..<10 {
                _ = try? db.checkpoint(.passive)
                var rows = 0
                for size in [1 << 20, 1 << 16, 1 << 12, 1 << 8] {
                    while (try? db.execute(sql: "INSERT INTO ballast VALUES (zeroblob(?))", arguments: [size])) != nil {
                        rows += 1
                    }
                }
                guard rows > 0 else { return }
            }
        }
    }

    func quarantined() async throws -> Int {
        try await self.queue.writeWithoutTransaction {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM quarantine") ?? 0
        }
    }

    private static func begin(in db: Database) throws {
        let deadline = ContinuousClock.now + Patience.limit
        while true {
            do {
                return try db.execute(sql: "BEGIN IMMEDIATE")
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && ContinuousClock.now < deadline
            {
                usleep(20)
            }
        }
    }

    private static func row(
        of token: String,
        until condition: (StoreWatchRow) -> Bool,
        in db: Database
    ) throws -> StoreWatchRow? {
        let deadline = ContinuousClock.now + Patience.limit
        while ContinuousClock.now < deadline {
            if let row = try self.row(of: token, in: db), condition(row) { return row }
            usleep(50)
        }
        return nil
    }

    private static func row(of token: String, in db: Database) throws -> StoreWatchRow? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT token.version, token.problem, renewal.phase, renewal.epoch, credential.refresh_digest FROM token
                LEFT JOIN renewal ON renewal.token_id = token.id LEFT JOIN credential ON credential.token_id = token.id
                WHERE token.name = ?
                """
        )
        return try GRDB.Row.fetchOne(statement, arguments: [token]).map { row in
            StoreWatchRow(
                phase: row["phase"] ?? "idle",
                epoch: row["epoch"] ?? 0,
                version: row["version"],
                problem: row["problem"],
                refreshDigest: row["refresh_digest"]
            )
        }
    }
}
