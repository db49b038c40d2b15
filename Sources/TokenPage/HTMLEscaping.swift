import Mustache

/// Escapes what stands between two tags or in a quoted attribute, byte by byte.
///
/// Mustache's own escaping looks at whole characters, and a quote followed by a combining mark is one character that is
/// not a quote: it would pass, while a browser sees the quote. The five bytes below occur in UTF-8 only as themselves.
package struct HTMLEscaping: MustacheContentType {
    /// The name that a template chooses this escaping by.
    static let name = "ESCAPED_HTML"

    package init() {}

    package func escapeText(_ text: String) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): escaped.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): escaped.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "&"): escaped.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "\""): escaped.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): escaped.append(contentsOf: "&#39;".utf8)
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
