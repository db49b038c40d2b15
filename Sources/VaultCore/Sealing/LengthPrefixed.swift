package import Foundation

/// Joins parts so that no two lists of parts give the same bytes: each is preceded by its length.
///
/// Without the lengths `a|bc` and `ab|c` would be one, and a credential could be moved from one row to the other.
package enum LengthPrefixed {
    package static func encode(_ parts: [String]) -> Data {
        var data = Data()
        for part in parts {
            let bytes = Array(part.utf8)
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { data.append(contentsOf: $0) }
            data.append(contentsOf: bytes)
        }
        return data
    }
}
