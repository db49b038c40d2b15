extension Redaction {
    /// The text without anything that has the form of a JWT: two or three parts of base64url with dots between them, of which
    /// the first begins as a JSON object does.
    ///
    /// One pass, whatever the text: it may be a megabyte that somebody wrote in order to be slow to read.
    package static func removingJWTs(from text: String) -> String {
        let bytes = Array(text.utf8)
        var shown: [UInt8] = []
        shown.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let end = Self.endOfPart(in: bytes, from: position)
            if let start = Self.startOfHeader(in: bytes[position..<end]), let tokenEnd = Self.endOfToken(in: bytes, end)
            {
                shown += bytes[position..<start]
                shown += Array(Self.mark.utf8)
                position = tokenEnd
            } else {
                // Not even a later beginning in this part can be followed by another end.
                let next = min(end + 1, bytes.endIndex)
                shown += bytes[position..<next]
                position = next
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// Where a header begins that goes on to the end of the part: `{"` is `eyJ` in base64url, and `{ "` is `eyA`.
    private static func startOfHeader(in part: ArraySlice<UInt8>) -> Int? {
        let beginnings = [Array("eyJ".utf8), Array("eyA".utf8)]
        // Shorter than that no header is.
        guard let last = part.index(part.endIndex, offsetBy: -8, limitedBy: part.startIndex) else { return nil }
        return (part.startIndex...last).first { start in
            beginnings.contains { part[start...].starts(with: $0) }
        }
    }

    /// The end of the second part, or of the third if there is one; nil when no second part follows the first.
    private static func endOfToken(in bytes: [UInt8], _ headerEnd: Int) -> Int? {
        guard headerEnd < bytes.endIndex, bytes[headerEnd] == UInt8(ascii: ".") else { return nil }
        let payloadEnd = Self.endOfPart(in: bytes, from: headerEnd + 1)
        guard payloadEnd > headerEnd + 1 else { return nil }
        guard payloadEnd < bytes.endIndex, bytes[payloadEnd] == UInt8(ascii: ".") else { return payloadEnd }
        return Self.endOfPart(in: bytes, from: payloadEnd + 1)
    }

    private static func endOfPart(in bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex { !Self.isBase64URL($0) } ?? bytes.endIndex
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
