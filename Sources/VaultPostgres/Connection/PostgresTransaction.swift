/// What the body of a transaction runs its statements with, on the thread that has the connection.
struct PostgresTransaction {
    let connection: PostgresConnection
    /// The newest data key, in a transaction that seals: no other comes while it lasts.
    let newestDataKey: String?

    /// - Returns: How many rows were written.
    @discardableResult
    func execute(_ statement: String, _ values: [any PostgresEncodable] = []) throws -> Int {
        try self.connection.run(statement, values.map(\.postgresValue)).count
    }

    func rows(_ statement: String, _ values: [any PostgresEncodable] = []) throws -> [PostgresRow] {
        try self.connection.run(statement, values.map(\.postgresValue)).rows
    }

    func row(_ statement: String, _ values: [any PostgresEncodable] = []) throws -> PostgresRow? {
        try self.rows(statement, values).first
    }

    /// The column `value` of the first row; nil where there is no row, or it holds NULL.
    func value<Value: PostgresDecodable>(_ statement: String, _ values: [any PostgresEncodable] = []) throws -> Value? {
        try self.row(statement, values).flatMap { try $0["value"] as Value? }
    }

    /// - Returns: Whether there is a row.
    func exists(_ statement: String, _ values: [any PostgresEncodable] = []) throws -> Bool {
        try self.row(statement, values) != nil
    }
}
