package import Foundation

/// The authentication code of an entry of the audit: the first half of an HMAC-SHA256 (RFC 2104 section 5).
package struct AuditMAC: Sendable, Hashable {
    package static let size = 16
    /// What stands before the first entry of a chain.
    package static let start = AuditMAC(high: 0, low: 0)

    private let high: UInt64
    private let low: UInt64

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The first bytes of a code; nil when there are too few.
    package init?(prefixOf bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size else { return nil }
        self.high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        self.low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// What lies in a column; nil for what is no code.
    package init?(_ bytes: Data) {
        guard bytes.count == Self.size, let mac = bytes.withUnsafeBytes({ AuditMAC(prefixOf: $0) }) else { return nil }
        self = mac
    }

    package init?(hexadecimal text: some StringProtocol) {
        guard
            text.utf8.count == Self.size * 2, text.allSatisfy({ $0.isASCII && $0.isHexDigit }),
            let high = UInt64(text.prefix(Self.size), radix: 16), let low = UInt64(text.suffix(Self.size), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The code as two numbers, whose bytes in their order are its own.
    var halves: (Int64, Int64) { (Int64(bitPattern: self.high), Int64(bitPattern: self.low)) }

    package var data: Data {
        var data = Data(capacity: Self.size)
        for half in [self.high, self.low] {
            withUnsafeBytes(of: half.bigEndian) { data.append(contentsOf: $0) }
        }
        return data
    }

    package var hexadecimal: String { Self.hexadecimal(self.high) + Self.hexadecimal(self.low) }

    /// The first half of that.
    var shortHexadecimal: String { Self.hexadecimal(self.high) }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
