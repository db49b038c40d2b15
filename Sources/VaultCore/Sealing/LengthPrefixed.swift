package import Foundation

/// Joins parts so that no two lists of parts give the same bytes: each is preceded by its length.
///
/// Without the lengths `a|bc` and `ab|c` would be one, and a credential could be moved from one row to the other.
package enum LengthPrefixed {
    package static func encode(_ parts: [String]) -> Data {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + 8 + $1.utf8.count })
        for part in parts {
            withUnsafeBytes(of: UInt64(part.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: part.utf8)
        }
        return Data(bytes)
    }
}
