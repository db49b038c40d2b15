/// Text from outside, made fit to stand on a page: no control characters, and no longer than a person reads.
struct ShownText: Sendable, Equatable {
    /// Long enough for every sentence of a credential, short enough for a page.
    static let messageLimit = 2_000
    /// A token that is longer than this is no token; the largest that are in use are below 20,000 characters.
    static let tokenLimit = 65_536

    let text: String

    /// Cleans and cuts, and says that it cut.
    ///
    /// The limit counts Unicode scalars and the work ends there, so that a message of a megabyte costs no more than a
    /// page of text. Characters that turn the direction of writing go too: they can make a message read as another.
    init(_ raw: String, limit: Int = ShownText.messageLimit) {
        if raw.utf8.count <= limit, raw.utf8.first != 0x20, raw.utf8.last != 0x20, Self.isPrintableASCII(raw) {
            self.text = raw
            return
        }
        var scalars = String.UnicodeScalarView()
        var count = 0
        var wasCut = false
        for scalar in raw.unicodeScalars {
            guard count < limit else {
                wasCut = true
                break
            }
            count += 1
            if scalar == "\n" || scalar == "\t" {
                scalars.append(scalar)
            } else if Self.isHidden(scalar) {
                scalars.append("\u{FFFD}")
            } else if scalar != "\r" {
                scalars.append(scalar)
            }
        }
        let text = Self.trimmed(scalars)
        self.text = wasCut ? text + " … (cut)" : text
    }

    private static func isPrintableASCII(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var index = 0
            while let block = ByteBlock(bytes, at: index) {
                guard block.isPrintableASCII else { return false }
                index += ByteBlock.size
            }
            return bytes[index...].allSatisfy { (0x20...0x7E).contains($0) }
        }
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0D: false
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func trimmed(_ scalars: String.UnicodeScalarView) -> String {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
