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
        Self.decode(text.utf8)
    }

    /// Reads letters; nil when one is padding, white space or of another alphabet.
    package static func decode(_ letters: some Collection<UInt8>) -> Data? {
        let isOfAlphabet = letters.allSatisfy { letter in
            switch letter {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isOfAlphabet ? Self.decodePadded(letters) : nil
    }

    /// Reads a text in either alphabet of base64, with or without padding, as some issuers write the parts of a JWT.
    package static func decodeAnyAlphabet(_ text: some StringProtocol) -> Data? {
        Self.decodePadded(text.utf8.prefix { $0 != UInt8(ascii: "=") })
    }

    private static func decodePadded(_ letters: some Collection<UInt8>) -> Data? {
        var plain = Data(capacity: letters.count + 3)
        for letter in letters {
            switch letter {
            case UInt8(ascii: "-"): plain.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): plain.append(UInt8(ascii: "/"))
            default: plain.append(letter)
            }
        }
        while !plain.count.isMultiple(of: 4) { plain.append(UInt8(ascii: "=")) }
        return Data(base64Encoded: plain)
    }
}
