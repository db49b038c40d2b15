import Foundation
import Locking
import VaultCore

/// What kinds of values the columns of a store's tables hold.
final class PostgresColumns: Sendable {
    enum Kind: Sendable {
        case integer
        case text
        case bytes
    }

    private let known = Mutex<[String: [String: Kind]]>([:])

    func kinds(of table: StoreTable, in session: PostgresSession) async throws -> [String: Kind] {
        if let kinds = self.known.withLock({ $0[table.name] }) { return kinds }
        let rows = try await session.execute(
            """
            SELECT attname::text AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
            WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
            """,
            [.text(table.name)]
        )
        var kinds: [String: Kind] = [:]
        for row in rows {
            let (name, type): (String, String) = (try row["name"], try row["type"])
            kinds[name] = type == "text" ? .text : type == "bytea" ? .bytes : .integer
        }
        self.known.withLock { $0[table.name] = kinds }
        return kinds
    }
}

extension StoreValue {
    init(_ row: PostgresRow, column: String, kind: PostgresColumns.Kind) throws {
        switch kind {
        case .integer: self = (try row[column] as Int64?).map { .integer($0) } ?? .null
        case .text: self = (try row[column] as String?).map { .text($0) } ?? .null
        case .bytes: self = (try row[column] as Data?).map { .bytes($0) } ?? .null
        }
    }

    var postgresValue: PostgresValue {
        switch self {
        case .null: .null
        case .integer(let number): .int(number)
        case .text(let text): .text(text)
        case .bytes(let bytes): .bytes(bytes)
        }
    }
}

extension StoreTable {
    /// The two counts that other databases have in the store's row are elsewhere here.
    func source(of column: String) -> String {
        switch (self.name, column) {
        case ("store", "last_version"): "(SELECT last_value FROM version_number) AS last_version"
        case ("store", "armed"): "(SELECT sum(count)::bigint FROM armed) AS armed"
        default: column
        }
    }

    /// The columns that rows are put into, and where these are among all of them.
    var ownColumns: [(name: String, index: Int)] {
        self.columns.enumerated().filter { self.source(of: $0.element) == $0.element }
            .map { (name: $0.element, index: $0.offset) }
    }
}
