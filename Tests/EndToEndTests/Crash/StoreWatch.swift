import Foundation
import GRDB

/// Another program at the store of a vault: it looks at what is written there, and may keep the vault from writing more.
///
/// So a vault can be held between any two of its transactions.
final class StoreWatch: Sendable {
    /// What the store has on the renewal of a token.
    struct Row: Sendable {
        let phase: String
        let epoch: Int
        let version: Int
        let problem: String?
        let refreshDigest: Data?
    }

    private let queue: DatabaseQueue

    init(store: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .immediateError
        // A transaction stays open between two calls.
        configuration.allowsUnsafeTransactions = true
        self.queue = try DatabaseQueue(path: store, configuration: configuration)
    }

    func row(of token: String) async throws -> Row? {
        try await self.queue.writeWithoutTransaction { try Self.row(of: token, in: $0) }
    }

    /// Waits until the row is as a test wants it.
    func waits(for token: String, until condition: @escaping @Sendable (Row) -> Bool) async throws -> Bool {
        try await self.queue.writeWithoutTransaction { try Self.row(of: token, until: condition, in: $0) != nil }
    }

    /// Keeps everybody else from writing.
    func hold() async throws {
        try await self.queue.writeWithoutTransaction { try Self.begin(in: $0) }
    }

    /// Waits until the row is as a test wants it, and in that moment keeps everybody else from writing.
    ///
    /// - Returns: The row as it is then, which may have gone further; nil when it never came to that.
    func hold(at token: String, when condition: @escaping @Sendable (Row) -> Bool) async throws -> Row? {
        try await self.queue.writeWithoutTransaction { db in
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
        let deadline = ContinuousClock.now + .seconds(10)
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
        until condition: (Row) -> Bool,
        in db: Database
    ) throws -> Row? {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let row = try self.row(of: token, in: db), condition(row) { return row }
            usleep(50)
        }
        return nil
    }

    private static func row(of token: String, in db: Database) throws -> Row? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT token.version, token.problem, renewal.phase, renewal.epoch, credential.refresh_digest FROM token
                LEFT JOIN renewal ON renewal.token_id = token.id LEFT JOIN credential ON credential.token_id = token.id
                WHERE token.name = ?
                """
        )
        return try GRDB.Row.fetchOne(statement, arguments: [token]).map { row in
            Row(
                phase: row["phase"] ?? "idle",
                epoch: row["epoch"] ?? 0,
                version: row["version"],
                problem: row["problem"],
                refreshDigest: row["refresh_digest"]
            )
        }
    }
}
