package import Crypto
package import Foundation

/// The key that wraps the data keys: 32 bytes, kept in a file away from the database.
package struct KeyEncryptionKey: Sendable {
    package static let size = 32

    package let key: SymmetricKey

    /// A new random key.
    package init() {
        self.key = SymmetricKey(size: .bits256)
    }

    /// Takes 32 bytes; nil for any other number.
    package init?(bytes: Data) {
        guard bytes.count == Self.size else { return nil }
        self.key = SymmetricKey(data: bytes)
    }

    package var bytes: Data { self.key.withUnsafeBytes { Data($0) } }

    /// Reads the text of a key file: 64 hexadecimal digits, and at most one line feed behind them.
    package init?(hexadecimal text: Data) {
        let digits = text.last == UInt8(ascii: "\n") ? text.dropLast() : text
        guard digits.count == Self.size * 2 else {
            return nil
        }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            guard let value = Self.value(ofDigit: digit) else {
                return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.key = SymmetricKey(data: bytes)
    }

    /// The text of a key file.
    package var hexadecimal: Data {
        let digits = Array("0123456789abcdef".utf8)
        return self.key.withUnsafeBytes { bytes in
            Data(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] } + [UInt8(ascii: "\n")])
        }
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension KeyEncryptionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
