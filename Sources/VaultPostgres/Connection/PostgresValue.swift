package import Foundation

/// A parameter of a statement.
package enum PostgresValue: Sendable, Hashable {
    case null
    case int(Int64)
    case text(String)
    case bytes(Data)
}

/// What can be a parameter of a statement.
package protocol PostgresEncodable {
    var postgresValue: PostgresValue { get }
}

extension PostgresValue: PostgresEncodable {
    package var postgresValue: PostgresValue { self }
}

extension Int64: PostgresEncodable {
    package var postgresValue: PostgresValue { .int(self) }
}

extension Int: PostgresEncodable {
    package var postgresValue: PostgresValue { .int(Int64(self)) }
}

/// 0 or 1, as SQLite has it.
extension Bool: PostgresEncodable {
    package var postgresValue: PostgresValue { .int(self ? 1 : 0) }
}

/// PostgreSQL takes no zero byte in a text: U+FFFD stands for it.
extension String: PostgresEncodable {
    package var postgresValue: PostgresValue {
        .text(self.utf8.contains(0) ? self.replacing("\0", with: "\u{fffd}") : self)
    }
}

extension Data: PostgresEncodable {
    package var postgresValue: PostgresValue { .bytes(self) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}
