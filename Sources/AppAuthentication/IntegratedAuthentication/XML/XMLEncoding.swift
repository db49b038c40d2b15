/// The encodings of a document that have to be understood: UTF-8, and UTF-16 in both orders (XML 1.0 section 4.3.3).
enum XMLEncoding {
    /// The document in UTF-8, which most are already.
    ///
    /// A signature is over the characters in UTF-8, whatever the document came in, so nothing of it is lost.
    static func utf8(_ bytes: [UInt8]) throws(XMLError) -> [UInt8] {
        guard bytes.count <= XMLReader.sizeLimit else { throw .tooLarge }
        guard let isLittleEndian = Self.isLittleEndianUTF16(bytes) else { return bytes }
        guard bytes.count.isMultiple(of: 2) else { throw .truncated }
        let units = stride(from: 0, to: bytes.count, by: 2).map { index in
            let (low, high) = isLittleEndian ? (index, index + 1) : (index + 1, index)
            return UInt16(bytes[high]) << 8 | UInt16(bytes[low])
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw .notUTF8 }
        return Array(Self.withoutDeclaration(text.unicodeScalars).utf8)
    }

    /// Nil when it is not UTF-16: a byte order mark tells, or where the first character has its zero.
    private static func isLittleEndianUTF16(_ bytes: [UInt8]) -> Bool? {
        switch (bytes.first, bytes.dropFirst().first) {
        case (0xFF, 0xFE), (UInt8(ascii: "<"), 0): true
        case (0xFE, 0xFF), (0, UInt8(ascii: "<")): false
        default: nil
        }
    }

    /// The document without what it says of its encoding, which is another one now.
    private static func withoutDeclaration(_ text: String.UnicodeScalarView) -> String {
        var rest = Substring(String(text.first == "\u{FEFF}" ? String.UnicodeScalarView(text.dropFirst()) : text))
        if rest.hasPrefix("<?xml "), let end = rest.firstRange(of: "?>") { rest = rest[end.upperBound...] }
        return String(rest)
    }
}
