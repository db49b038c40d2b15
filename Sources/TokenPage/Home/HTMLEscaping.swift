import Mustache

/// Escapes what stands between two tags or in a quoted attribute, byte by byte.
///
/// Mustache's own escaping looks at whole characters, and a quote followed by a combining mark is one character that is
/// not a quote: it would pass, while a browser sees the quote. The five bytes below occur in UTF-8 only as themselves.
struct HTMLEscaping: MustacheContentType {
    /// The name that a template chooses this escaping by.
    static let name = "ESCAPED_HTML"

    func escapeText(_ text: String) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count + 16)
        self.append(text, to: &escaped)
        return String(decoding: escaped, as: UTF8.self)
    }

    /// Puts the escaped text at the end of what is there, in as few pieces as it has.
    func append(_ text: String, to escaped: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            var index = 0
            while index < bytes.count {
                if let block = ByteBlock(bytes, at: index), !block.needsEscaping {
                    index += ByteBlock.size
                    continue
                }
                if let entity = Self.entity(bytes[index]) {
                    escaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
                    escaped.append(contentsOf: entity.utf8)
                    start = index + 1
                }
                index += 1
            }
            escaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
        }
    }

    @inline(__always)
    private static func entity(_ byte: UInt8) -> String? {
        // Nearly every byte of a token, a name or a time is beyond the last of the five.
        guard byte <= UInt8(ascii: ">") else { return nil }
        return switch byte {
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
