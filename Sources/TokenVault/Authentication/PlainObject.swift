/// A JSON object that can be read without a decoder: its values are texts without escapes but for `\/`, lists of them, whole
/// numbers, and literals; its names are ASCII without escapes.
///
/// Nearly every token's claims are one, and a decoder takes as long for them as all else that is done with a token but for its
/// signature. What is anything else is not read here at all. Nothing is made of a value until somebody asks for it.
struct PlainObject: Sendable {
    enum Value: Sendable, Equatable {
        case text(String)
        case texts([String])
        case number(Double)
        case boolean
        case null
    }

    private enum Place {
        /// Between the quotation marks.
        case text(Range<Int>, hasSlashes: Bool)
        /// From one bracket to the other.
        case texts(Range<Int>)
        case number(Double)
        case boolean
        case null
    }

    private let bytes: [UInt8]
    private let members: [(name: Range<Int>, value: Place)]

    /// Nil for an object with other values, with a name that comes twice, and for what is no object.
    init?(_ bytes: [UInt8]) {
        let members = bytes.withUnsafeBufferPointer { bytes in
            var reader = Reader(bytes: bytes)
            return reader.object().flatMap { reader.isAtEnd ? $0 : nil }
        }
        guard let members else { return nil }
        self.bytes = bytes
        self.members = members
    }

    var count: Int { self.members.count }

    subscript(_ name: String) -> Value? {
        self.place(of: name).map { place in
            switch place {
            case .text(let range, let hasSlashes): .text(Self.text(self.bytes[range], hasSlashes: hasSlashes))
            case .texts(let range): .texts(self.texts(in: range))
            case .number(let number): .number(number)
            case .boolean: .boolean
            case .null: .null
            }
        }
    }

    /// Whether there is a member, and it is not null.
    func hasValue(_ name: String) -> Bool {
        switch self.place(of: name) {
        case nil, .null?: false
        case .text?, .texts?, .number?, .boolean?: true
        }
    }

    private func place(of name: String) -> Place? {
        var name = name
        return name.withUTF8 { name in
            self.bytes.withUnsafeBufferPointer { bytes in
                self.members.first { $0.name.count == name.count && bytes[$0.name].elementsEqual(name) }?.value
            }
        }
    }

    private func texts(in range: Range<Int>) -> [String] {
        self.bytes.withUnsafeBufferPointer { bytes in
            var reader = Reader(bytes: bytes, position: range.lowerBound)
            var texts: [String] = []
            _ = reader.texts { texts.append(Self.text(bytes[$0], hasSlashes: $1)) }
            return texts
        }
    }

    private static func text(_ bytes: some Collection<UInt8>, hasSlashes: Bool) -> String {
        guard hasSlashes else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes.filter { $0 != UInt8(ascii: "\\") }, as: UTF8.self)
    }

    private struct Reader {
        /// Each name is compared with those before it; tokens have some twenty.
        private static let maxMembers = 64
        /// More digits than a number of that many may not be exact in binary.
        private static let maxDigits = 15

        let bytes: UnsafeBufferPointer<UInt8>
        var position = 0

        var isAtEnd: Bool {
            mutating get { self.next == nil }
        }

        /// The next byte that is not white space (RFC 8259 section 2).
        private var next: UInt8? {
            mutating get {
                while self.position < self.bytes.count {
                    switch self.bytes[self.position] {
                    case 0x20, 0x09, 0x0A, 0x0D: self.position += 1
                    case let byte: return byte
                    }
                }
                return nil
            }
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard self.next == UInt8(ascii: character) else { return false }
            self.position += 1
            return true
        }

        mutating func object() -> [(name: Range<Int>, value: Place)]? {
            guard self.take("{") else { return nil }
            var members: [(name: Range<Int>, value: Place)] = []
            guard !self.take("}") else { return members }
            members.reserveCapacity(24)
            repeat {
                guard members.count < Self.maxMembers, let name = self.name(), self.take(":"), let value = self.value()
                else { return nil }
                guard !members.contains(where: { self.isEqual($0.name, name) }) else { return nil }
                members.append((name, value))
            } while self.take(",")
            return self.take("}") ? members : nil
        }

        private func isEqual(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
            left.count == right.count && self.bytes[left].elementsEqual(self.bytes[right])
        }

        private mutating func name() -> Range<Int>? {
            guard let (name, hasSlashes) = self.text(), !hasSlashes, self.bytes[name].allSatisfy({ $0 < 0x80 })
            else { return nil }
            return name
        }

        private mutating func value() -> Place? {
            switch self.next {
            case UInt8(ascii: "\""): return self.text().map { .text($0, hasSlashes: $1) }
            case UInt8(ascii: "["):
                let begin = self.position
                return self.texts { _, _ in } ? .texts(begin..<self.position) : nil
            case UInt8(ascii: "t"): return self.word("true") ? .boolean : nil
            case UInt8(ascii: "f"): return self.word("false") ? .boolean : nil
            case UInt8(ascii: "n"): return self.word("null") ? .null : nil
            default: return self.number().map(Place.number)
            }
        }

        private mutating func text() -> (Range<Int>, hasSlashes: Bool)? {
            guard self.take("\"") else { return nil }
            let begin = self.position
            var (hasSlashes, isASCII) = (false, true)
            while self.position < self.bytes.count {
                let byte = self.bytes[self.position]
                switch byte {
                case UInt8(ascii: "\""):
                    let text = begin..<self.position
                    self.position += 1
                    guard isASCII || String(validating: self.bytes[text], as: UTF8.self) != nil else { return nil }
                    return (text, hasSlashes)
                case UInt8(ascii: "\\"):
                    // Some write addresses so; it is the one escape that is read here.
                    guard self.position + 1 < self.bytes.count, self.bytes[self.position + 1] == UInt8(ascii: "/")
                    else { return nil }
                    hasSlashes = true
                    self.position += 2
                case ..<0x20: return nil
                default:
                    if byte >= 0x80 { isASCII = false }
                    self.position += 1
                }
            }
            return nil
        }

        /// Shows each text of a list; false when it is none.
        mutating func texts(_ body: (Range<Int>, _ hasSlashes: Bool) -> Void) -> Bool {
            guard self.take("[") else { return false }
            guard !self.take("]") else { return true }
            repeat {
                guard let (text, hasSlashes) = self.text() else { return false }
                body(text, hasSlashes)
            } while self.take(",")
            return self.take("]")
        }

        /// What follows it has to be the end of a member, so that nothing but a whole number passes.
        private mutating func number() -> Double? {
            let begin = self.position
            var number: Int64 = 0
            while self.position < self.bytes.count, (0x30...0x39).contains(self.bytes[self.position]) {
                guard self.position - begin < Self.maxDigits else { return nil }
                number = number * 10 + Int64(self.bytes[self.position] - 0x30)
                self.position += 1
            }
            let count = self.position - begin
            guard count > 0, count == 1 || self.bytes[begin] != 0x30 else { return nil }
            return Double(number)
        }

        private mutating func word(_ word: StaticString) -> Bool {
            let end = self.position + word.utf8CodeUnitCount
            guard end <= self.bytes.count else { return false }
            let isThere = word.withUTF8Buffer { self.bytes[self.position..<end].elementsEqual($0) }
            self.position = end
            return isThere
        }
    }
}
