package import Foundation

/// Base64 in the alphabet of URLs, without padding (RFC 4648 section 5, RFC 7515 section 2).
package enum Base64URL {
    package static func encode(_ data: Data) -> String {
        let letters = data.base64EncodedData().compactMap { letter -> UInt8? in
            switch letter {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: letter
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// Reads a text; nil when it has padding, white space or any other letter of another alphabet.
    package static func decode(_ text: some StringProtocol) -> Data? {
        Self.decode(text.utf8, by: self.values).map { Data($0) }
    }

    /// Reads letters; nil when one is padding, white space or of another alphabet.
    package static func decode(_ letters: some Collection<UInt8>) -> [UInt8]? {
        self.decode(letters, by: self.values)
    }

    /// Reads a text in either alphabet of base64, with or without padding, as some issuers write the parts of a JWT.
    package static func decodeAnyAlphabet(_ text: some StringProtocol) -> Data? {
        self.decode(text.utf8.prefix { $0 != UInt8(ascii: "=") }, by: self.valuesOfBoth).map { Data($0) }
    }

    private static let none: UInt8 = 0xFF
    /// What each letter stands for.
    private static let values = Self.table("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    private static let valuesOfBoth = {
        var table = Self.values
        table[Int(UInt8(ascii: "+"))] = 62
        table[Int(UInt8(ascii: "/"))] = 63
        return table
    }()

    private static func table(_ alphabet: String) -> [UInt8] {
        var table = [UInt8](repeating: self.none, count: 256)
        for (value, letter) in zip(UInt8(0)..., alphabet.utf8) { table[Int(letter)] = value }
        return table
    }

    private static func decode(_ letters: some Collection<UInt8>, by table: [UInt8]) -> [UInt8]? {
        let bytes = letters.withContiguousStorageIfAvailable { self.bytes(of: $0, by: table) }
        return bytes ?? Array(letters).withUnsafeBufferPointer { self.bytes(of: $0, by: table) }
    }

    /// Not generic: a token has a thousand letters, and each would be asked for through the collection's witnesses.
    private static func bytes(of letters: UnsafeBufferPointer<UInt8>, by table: [UInt8]) -> [UInt8]? {
        // A single letter at the end is less than a byte.
        guard letters.count % 4 != 1 else { return nil }
        // Those of the alphabet stand for less than 64.
        var seen: UInt8 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: letters.count / 4 * 3 + 3) { bytes, count in
            table.withUnsafeBufferPointer { table in
                func value(_ index: Int) -> UInt32 {
                    guard index < letters.count else { return 0 }
                    let value = table[Int(letters[index])]
                    seen |= value
                    return UInt32(value)
                }
                var index = 0
                while index < letters.count {
                    let bits = value(index) << 18 | value(index + 1) << 12 | value(index + 2) << 6 | value(index + 3)
                    bytes[count] = UInt8(truncatingIfNeeded: bits >> 16)
                    bytes[count + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                    bytes[count + 2] = UInt8(truncatingIfNeeded: bits)
                    count += 3
                    index += 4
                }
                count = letters.count * 3 / 4
            }
        }
        return seen < 64 ? bytes : nil
    }
}
