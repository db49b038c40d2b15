import Foundation

/// JSON as the vault writes it.
enum JSONBody {
    static let contentType = "application/json; charset=utf-8"

    /// Encodes with the keys in a fixed order, so that equal answers are equal bytes.
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
