import Foundation
import GRDB
import GRDBSQLite

/// A statement that every read of a token runs, with SQLite's own functions.
///
/// GRDB makes a dictionary of the columns of each row and a value of each argument, which takes several times what SQLite does.
/// It is for the thread of its database, and for statements that nobody runs in another way.
struct PreparedStatement {
    /// What keeps the statement, until the database ends it.
    private let statement: Statement

    init(_ sql: String, in db: Database) throws {
        self.statement = try db.cachedStatement(sql: sql)
    }

    /// Runs it once.
    ///
    /// - Parameters:
    ///   - setArguments: Sets the arguments; one that nobody sets is null.
    ///   - row: Called for each row.
    /// - Throws: `DatabaseError`, `CancellationError`, and what the closures throw.
    func run(
        setArguments: (borrowing StatementAccess) throws -> Void,
        row: (borrowing StatementAccess) throws -> Void = { _ in }
    ) throws {
        let access = StatementAccess(self.statement.sqliteStatement)
        defer { access.finish() }
        try setArguments(access)
        while try access.step() { try row(access) }
    }
}

/// The arguments of a statement, counted from 1, and the columns of its row, counted from 0.
struct StatementAccess: ~Copyable {
    /// Has SQLite copy what is bound.
    private static var copying: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private let statement: OpaquePointer

    fileprivate init(_ statement: OpaquePointer) {
        self.statement = statement
    }

    fileprivate func step() throws -> Bool {
        let code = sqlite3_step(self.statement)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw self.error(code)
        }
    }

    fileprivate func finish() {
        sqlite3_reset(self.statement)
        sqlite3_clear_bindings(self.statement)
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw self.error(code) }
    }

    private func error(_ code: Int32) -> any Error {
        // GRDB interrupts a statement whose task was cancelled, and nobody else does.
        guard code != SQLITE_INTERRUPT else { return CancellationError() }
        let message = sqlite3_errmsg(sqlite3_db_handle(self.statement)).map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }

    func set(_ argument: Int, _ text: String) throws {
        var text = text
        try text.withUTF8 { text in
            try text.withMemoryRebound(to: CChar.self) { text in
                // Without a place it would be null.
                let place = text.baseAddress ?? UnsafePointer(bitPattern: 1)
                try self.check(
                    sqlite3_bind_text(self.statement, Int32(argument), place, Int32(text.count), Self.copying)
                )
            }
        }
    }

    func set(_ argument: Int, _ number: Int64) throws {
        try self.check(sqlite3_bind_int64(self.statement, Int32(argument), number))
    }

    func set(_ argument: Int, _ bytes: Data) throws {
        try bytes.withUnsafeBytes { bytes in
            try self.check(
                sqlite3_bind_blob(self.statement, Int32(argument), bytes.baseAddress, Int32(bytes.count), Self.copying)
            )
        }
    }

    private func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(self.statement, Int32(column)) == SQLITE_NULL
    }
}

extension StatementAccess: ColumnValues {
    func text(_ column: Int) -> String? {
        guard let place = sqlite3_column_text(self.statement, Int32(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(self.statement, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: place, count: count), as: UTF8.self)
    }

    func integer(_ column: Int) -> Int64? {
        self.isNull(column) ? nil : sqlite3_column_int64(self.statement, Int32(column))
    }

    func blob(_ column: Int) -> Data? {
        guard !self.isNull(column) else { return nil }
        let count = Int(sqlite3_column_bytes(self.statement, Int32(column)))
        return sqlite3_column_blob(self.statement, Int32(column)).map { Data(bytes: $0, count: count) } ?? Data()
    }
}
