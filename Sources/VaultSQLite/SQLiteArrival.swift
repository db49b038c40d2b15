import Foundation
import GRDB
package import VaultCore

/// A SQLite database that a store moves into; nobody else uses it meanwhile.
package struct SQLiteArrival: ArrivingStore {
    private let store: SQLiteStore
    private let exclusion: StoreExclusion

    /// Makes the file if need be, with the tables of this version.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when a vault serves a store there or a command uses it.
    package init(at path: String) async throws {
        try PrivateFile.makeDirectory(for: path)
        self.exclusion = try StoreExclusion(databasePath: path)
        try self.exclusion.excludeEverybody()
        _ = try PrivateFile.create(at: path)
        // One transaction takes everything in, over many calls.
        self.store = try await SQLiteStore.openDatabase(at: path, isNew: true, spansTransactions: true, now: { .now })
    }

    package func arrival() async throws -> StoreArrival {
        guard let record = try await self.store.record() else { return .nothing }
        if let movedTo = record.movedTo {
            throw StoreError(
                .unusable,
                "From \(self.store.pool.path) the store \(record.name) has moved to \(movedTo): name another file, or move that one away."
            )
        }
        guard let incoming = record.incoming else { return .store(moveID: record.moveID) }
        guard let identity = try await self.store.identity() else { return .nothing }
        return .incoming(StoreMove(id: record.moveID ?? "", other: incoming), of: identity)
    }

    package func begin() async throws {
        try await self.store.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            // They keep the audit as it is; what an interrupted move left is none, and what comes was accepted once.
            try db.execute(sql: "CREATE TEMP TABLE dropped AS SELECT sql FROM sqlite_master WHERE type = 'trigger'")
            for trigger in try Row.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
                try db.execute(sql: "DROP TRIGGER \(trigger["name"] as String)")
            }
            for table in StoreTable.all.reversed() { try db.execute(sql: "DELETE FROM \(table.name)") }
        }
    }

    package func insert(_ rows: [[StoreValue]], into table: StoreTable) async throws {
        try await self.store.writeWithoutTransaction { db in
            // Nobody's, where a column says whose.
            let owner = table.name == "audit_chain" ? (", owner", ", ''") : ("", "")
            let places = table.columns.map { _ in "?" }.joined(separator: ", ")
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO \(table.name) (\(table.columns.joined(separator: ", "))\(owner.0))
                    VALUES (\(places)\(owner.1))
                    """
            )
            for row in rows { try statement.execute(arguments: StatementArguments(row.map(\.databaseValue))) }
        }
    }

    package func count(of table: StoreTable) async throws -> Int {
        try await self.store.writeWithoutTransaction {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table.name)") ?? 0
        }
    }

    package func complete(_ move: StoreMove) async throws {
        try await self.store.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE store SET incoming = ?, move_id = ?", arguments: [move.other, move.id])
            try db.checkOneRowWritten()
            for trigger in try String.fetchAll(db, sql: "SELECT sql FROM temp.dropped") { try db.execute(sql: trigger) }
            try db.execute(sql: "DROP TABLE temp.dropped")
            try db.execute(sql: "COMMIT")
        }
    }

    package func arrive(_ move: StoreMove) async throws {
        try await self.store.write { db in
            try db.execute(sql: "UPDATE store SET incoming = NULL WHERE move_id = ?", arguments: [move.id])
            try db.checkOneRowWritten()
        }
    }

    package func close() async {
        try? await self.store.writeWithoutTransaction { db in
            if db.isInsideTransaction { try db.rollback() }
        }
        try? self.store.pool.close()
    }
}
