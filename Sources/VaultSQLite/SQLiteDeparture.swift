import Foundation
import GRDB
package import VaultCore

/// A store on its way out of a SQLite database; nobody else serves it or writes into it meanwhile.
package struct SQLiteDeparture: DepartingStore {
    private let store: SQLiteStore
    private let exclusion: StoreExclusion

    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when a vault serves the store or a command uses it.
    package init(at path: String) async throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(.unusable, "There is no store at \(path).")
        }
        self.exclusion = try StoreExclusion(databasePath: path)
        try self.exclusion.excludeEverybody()
        self.store = try await SQLiteStore.openDatabase(at: path, isNew: false, now: { .now })
        guard try await self.store.record() != nil else {
            throw StoreError(.unusable, "The database \(path) holds no store.")
        }
    }

    package func departure() async throws -> StoreMove? {
        guard let record = try await self.store.record() else { return nil }
        if let incoming = record.incoming {
            throw StoreError(
                .unusable,
                "The store \(record.name) is on its way here from \(incoming): finish that first."
            )
        }
        return record.movedTo.map { StoreMove(id: record.moveID ?? "", other: $0) }
    }

    /// Nobody does since this was made.
    package func begin() async throws {}

    package func identity() async throws -> MovingStore? { try await self.store.identity() }

    package func rows(of table: StoreTable, after key: [StoreValue]?, limit: Int) async throws -> [[StoreValue]] {
        try await self.store.read { db in
            let columns = table.columns.joined(separator: ", ")
            let order = table.key.joined(separator: ", ")
            let places = table.key.map { _ in "?" }.joined(separator: ", ")
            let condition = key == nil ? "" : "WHERE (\(order)) > (\(places))"
            return try Row.fetchAll(
                db,
                sql: "SELECT \(columns) FROM \(table.name) \(condition) ORDER BY \(order) LIMIT ?",
                arguments: StatementArguments((key ?? []).map(\.databaseValue)) + [limit]
            ).map { row in row.databaseValues.map(StoreValue.init) }
        }
    }

    package func depart(_ move: StoreMove) async throws {
        let armed = try await self.store.write { db in
            try db.execute(
                sql: "UPDATE store SET moved_to = ?, move_id = ? WHERE moved_to IS NULL",
                arguments: [move.other, move.id]
            )
            try db.checkOneRowWritten()
            return try SQLiteStore.countArmed(in: db)
        }
        if let armed { try await self.store.raiseMarker(to: armed) }
    }

    package func close() async {
        try? self.store.pool.close()
    }
}

extension StoreValue {
    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(number)
            // No column of a store is one.
            case .double(let number): .integer(Int64(exactly: number) ?? 0)
            case .string(let text): .text(text)
            case .blob(let bytes): .bytes(bytes)
            }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): bytes.databaseValue
        }
    }
}
