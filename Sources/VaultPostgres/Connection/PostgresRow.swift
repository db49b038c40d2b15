package import Foundation
import VaultCore

/// A row of a result, in the binary format of the protocol.
package struct PostgresRow: Sendable {
    let columns: [String: Int]
    let values: [Data?]

    /// What a column holds.
    ///
    /// - Throws: ``StoreError/Code/failed`` for NULL, for a value of another type, and where there is no such column.
    package subscript<Value: PostgresDecodable>(_ name: String) -> Value {
        get throws {
            guard let value = try self[name] as Value? else { throw Self.failure(name) }
            return value
        }
    }

    /// What a column holds; nil for NULL.
    ///
    /// - Throws: ``StoreError/Code/failed`` for a value of another type, and where there is no such column.
    package subscript<Value: PostgresDecodable>(_ name: String) -> Value? {
        get throws {
            guard let column = self.columns[name] else { throw Self.failure(name) }
            guard let bytes = self.values[column] else { return nil }
            guard let value = Value(postgres: bytes) else { throw Self.failure(name) }
            return value
        }
    }

    package func has(_ name: String) -> Bool { self.columns[name] != nil }

    private static func failure(_ name: String) -> StoreError {
        StoreError(
            .failed,
            "The column \(name) of the store's database does not hold what it should: the database was changed from outside."
        )
    }
}

/// What a column of a result is read as.
package protocol PostgresDecodable {
    init?(postgres bytes: Data)
}

extension Int64: PostgresDecodable {
    package init?(postgres bytes: Data) {
        switch bytes.count {
        case 2: self = bytes.withUnsafeBytes { Int64(Int16(bigEndian: $0.loadUnaligned(as: Int16.self))) }
        case 4: self = bytes.withUnsafeBytes { Int64(Int32(bigEndian: $0.loadUnaligned(as: Int32.self))) }
        case 8: self = bytes.withUnsafeBytes { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
        default: return nil
        }
    }
}

extension Int: PostgresDecodable {
    package init?(postgres bytes: Data) {
        guard let number = Int64(postgres: bytes) else { return nil }
        self.init(number)
    }
}

/// A boolean, or a number as SQLite has it.
extension Bool: PostgresDecodable {
    package init?(postgres bytes: Data) {
        guard (1...8).contains(bytes.count) else { return nil }
        self = bytes.contains { $0 != 0 }
    }
}

extension String: PostgresDecodable {
    package init?(postgres bytes: Data) {
        self.init(validating: bytes, as: UTF8.self)
    }
}

extension Data: PostgresDecodable {
    package init?(postgres bytes: Data) { self = bytes }
}
