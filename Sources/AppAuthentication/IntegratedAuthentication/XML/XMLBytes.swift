/// The bytes of a document and a place in them: the words of the XML grammar.
struct XMLBytes {
    private static let attributeLimit = 256

    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) throws(XMLError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        self.bytes = bytes
    }

    var isAtEnd: Bool { self.position >= self.bytes.count }
    var current: UInt8? { self.isAtEnd ? nil : self.bytes[self.position] }

    func starts(with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard self.bytes.count - self.position >= count else { return false }
        return text.withUTF8Buffer { self.bytes[self.position..<self.position + count].elementsEqual($0) }
    }

    mutating func advance(by count: Int) { self.position += count }

    mutating func skip(_ text: StaticString) -> Bool {
        guard self.starts(with: text) else { return false }
        self.position += text.utf8CodeUnitCount
        return true
    }

    mutating func skip(_ sequence: [UInt8]) -> Bool {
        guard self.bytes[self.position...].starts(with: sequence) else { return false }
        self.position += sequence.count
        return true
    }

    /// Skips white space and says whether there was any.
    @discardableResult
    mutating func skipSpace() -> Bool {
        let start = self.position
        while let byte = self.current, Self.isSpace(byte) { self.position += 1 }
        return self.position > start
    }

    /// Everything before an end mark, which is passed.
    mutating func text(upTo end: StaticString) throws(XMLError) -> String {
        let start = self.position
        while !self.isAtEnd {
            if self.starts(with: end) {
                let text = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
                self.position += end.utf8CodeUnitCount
                return text
            }
            self.position += 1
        }
        throw .truncated
    }

    mutating func name() throws(XMLError) -> String {
        let start = self.position
        while let byte = self.current, Self.isNameByte(byte, isFirst: self.position == start) { self.position += 1 }
        guard self.position > start else { throw self.isAtEnd ? .truncated : XMLError("A name is missing in a tag.") }
        return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    }

    /// The attributes of a start tag, up to its `>` or `/>`.
    mutating func attributes() throws(XMLError) -> [(name: String, value: String)] {
        var attributes: [(name: String, value: String)] = []
        while true {
            let hasSpace = self.skipSpace()
            guard let byte = self.current else { throw .truncated }
            if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") { return attributes }
            guard hasSpace else { throw XMLError("White space is missing in a start tag.") }
            let name = try self.name()
            self.skipSpace()
            guard self.skip("=") else { throw XMLError("The attribute \(name) has no value.") }
            self.skipSpace()
            guard !attributes.contains(where: { $0.name == name }) else {
                throw XMLError("The attribute \(name) stands twice in one tag.")
            }
            attributes.append((name, try self.attributeValue()))
            guard attributes.count <= Self.attributeLimit else { throw .tooLarge }
        }
    }

    private mutating func attributeValue() throws(XMLError) -> String {
        guard let quote = self.current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw self.isAtEnd ? .truncated : XMLError("The value of an attribute has no quotes.")
        }
        self.position += 1
        var value: [UInt8] = []
        while let byte = self.current {
            if byte == quote {
                self.position += 1
                return String(decoding: value, as: UTF8.self)
            }
            guard byte != UInt8(ascii: "<") else { throw XMLError("There is a < in the value of an attribute.") }
            if byte == UInt8(ascii: "&") {
                value += try self.reference()
            } else {
                // Any white space there counts as a space (XML 1.0 section 3.3.3).
                value.append(Self.isSpace(byte) ? UInt8(ascii: " ") : try Self.checked(byte))
                self.position += 1
            }
        }
        throw .truncated
    }

    /// Text up to the next tag, with its references replaced.
    mutating func characterData() throws(XMLError) -> [UInt8] {
        var data: [UInt8] = []
        while let byte = self.current, byte != UInt8(ascii: "<") {
            if byte == UInt8(ascii: "&") {
                data += try self.reference()
            } else {
                data.append(try Self.checked(byte))
                self.position += 1
            }
        }
        return data
    }

    private mutating func reference() throws(XMLError) -> [UInt8] {
        let end = self.bytes[self.position...].prefix(16).firstIndex(of: UInt8(ascii: ";"))
        guard let end else { throw XMLError("A reference does not end.") }
        let name = String(decoding: self.bytes[self.position + 1..<end], as: UTF8.self)
        self.position = end + 1
        switch name {
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "amp": return [UInt8(ascii: "&")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default: break
        }
        let digits = name.dropFirst(name.hasPrefix("#x") ? 2 : 1)
        guard name.hasPrefix("#"), digits.first?.isHexDigit == true,
            let number = UInt32(digits, radix: name.hasPrefix("#x") ? 16 : 10),
            let scalar = Unicode.Scalar(number), number >= 0x20 || [0x9, 0xA, 0xD].contains(number)
        else { throw XMLError("The entity \(name) is not one of XML's own.") }
        return Array(String(scalar).utf8)
    }

    private static func checked(_ byte: UInt8) throws(XMLError) -> UInt8 {
        guard byte >= 0x20 || Self.isSpace(byte) else {
            throw XMLError("There is a control character in the document.")
        }
        return byte
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x9 || byte == 0xA || byte == 0xD }

    /// All that is not ASCII counts as a letter, which is more than XML allows and nothing that anyone would notice.
    private static func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), 0x80...:
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            !isFirst
        default:
            false
        }
    }
}
