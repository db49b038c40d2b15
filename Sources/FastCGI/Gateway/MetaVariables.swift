/// The meta-variables of a request (RFC 3875 section 4.1), each name once; of several with one name the last counts.
///
/// nginx sends a parameter as often as its configuration names it, and what stands behind an include is meant to override
/// it.
public struct MetaVariables: Sendable {
    /// In half of the memory that ranges of `Int` take: a web server's parameters are never 4 GB.
    private struct Entry {
        /// Differs for nearly all that differ in their names.
        let hash: UInt32
        private var nameStart: UInt32
        private var nameEnd: UInt32
        private var valueStart: UInt32
        private var valueEnd: UInt32

        init(name: Range<Int>, value: Range<Int>, hash: UInt32) {
            self.hash = hash
            self.nameStart = UInt32(name.lowerBound)
            self.nameEnd = UInt32(name.upperBound)
            self.valueStart = UInt32(value.lowerBound)
            self.valueEnd = UInt32(value.upperBound)
        }

        var name: Range<Int> { Int(self.nameStart)..<Int(self.nameEnd) }
        var value: Range<Int> { Int(self.valueStart)..<Int(self.valueEnd) }
    }

    /// All names and values, as they came.
    ///
    /// Most are never looked at, and text is made of those alone that are.
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    /// The names that were given more than once.
    private(set) var repeatedNames: [String] = []
    /// Two values of `Authorization` that differ: whose request this is depends on which one is believed.
    private(set) var hasConflictingAuthorization = false
    /// The first value of several, if it is not empty: what stands between it and another one hides neither.
    private var firstAuthorization: Range<Int>?
    /// A bit for the hash of each name, so that a name is rarely looked for among the others.
    private var seen: UInt64 = 0

    /// - Parameter size: About how many bytes there will be.
    init(reservingBytes size: Int = 1024) {
        self.bytes.reserveCapacity(size)
        self.entries.reserveCapacity(32)
    }

    /// Creates variables, as a web server would send them.
    public init(_ pairs: [(name: String, value: String)]) {
        self.init()
        for (name, value) in pairs {
            let start = self.bytes.count
            self.bytes.append(contentsOf: name.utf8)
            let end = self.bytes.count
            self.bytes.append(contentsOf: value.utf8)
            self.enter(name: start..<end, value: end..<self.bytes.count)
        }
    }

    /// Adds an entry in the form `NAME=value`; bytes that are not UTF-8 are replaced when somebody looks at them.
    mutating func append(entry: UnsafeBufferPointer<UInt8>) {
        let start = self.bytes.count
        let end = start + (entry.offset(of: UInt8(ascii: "=")) ?? entry.count)
        self.bytes.append(contentsOf: entry)
        self.enter(name: start..<end, value: min(end + 1, self.bytes.count)..<self.bytes.count)
    }

    /// The value of a variable, such as `REMOTE_USER`.
    public subscript(_ name: String) -> String? {
        var name = name
        return name.withUTF8 { name in
            self.bytes.withUnsafeBufferPointer { bytes in
                self.index(of: name, in: bytes).map {
                    String(decoding: bytes[self.entries[$0].value], as: UTF8.self)
                }
            }
        }
    }

    /// Shows the value of a variable, without making text of it.
    ///
    /// - Returns: What the body returns; nil where there is no such variable.
    package func withValue<Result>(
        of name: StaticString,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result? {
        name.withUTF8Buffer { name in
            self.bytes.withUnsafeBufferPointer { bytes in
                self.index(of: name, in: bytes).map {
                    body(UnsafeBufferPointer(rebasing: bytes[self.entries[$0].value]))
                }
            }
        }
    }

    /// Whether there is a variable, and has this value.
    package func isValue(of name: StaticString, _ value: StaticString) -> Bool {
        self.withValue(of: name) { bytes in value.withUTF8Buffer { bytes.elementsEqual($0) } } ?? false
    }

    /// Shows all variables, in the order in which their names came first.
    func withEachPair<Failure: Error>(
        _ body: (_ name: Slice<UnsafeBufferPointer<UInt8>>, _ value: Slice<UnsafeBufferPointer<UInt8>>) throws(Failure)
            -> Void
    ) throws(Failure) {
        try self.bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            for entry in self.entries { try body(bytes[entry.name], bytes[entry.value]) }
        }
    }

    /// Enters what was put behind the others.
    private mutating func enter(name: Range<Int>, value: Range<Int>) {
        let (hash, index) = self.bytes.withUnsafeBufferPointer { bytes in
            let text = UnsafeBufferPointer(rebasing: bytes[name])
            let hash = Self.hash(text)
            return (hash, self.seen & Self.bit(hash) == 0 ? nil : self.index(of: text, hash: hash, in: bytes))
        }
        self.seen |= Self.bit(hash)
        guard let index else { return self.entries.append(Entry(name: name, value: value, hash: hash)) }
        let earlier = self.entries[index]
        let text = String(decoding: self.bytes[name], as: UTF8.self)
        if text == "HTTP_AUTHORIZATION" { self.compareAuthorization(earlier.value, value) }
        self.repeatedNames.append(text)
        self.entries[index] = Entry(name: earlier.name, value: value, hash: hash)
    }

    private mutating func compareAuthorization(_ earlier: Range<Int>, _ latest: Range<Int>) {
        let first = self.firstAuthorization ?? earlier
        guard !first.isEmpty else { return }
        self.firstAuthorization = first
        if !latest.isEmpty, !self.bytes[first].elementsEqual(self.bytes[latest]) {
            self.hasConflictingAuthorization = true
        }
    }

    private func index(of name: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let hash = Self.hash(name)
        return self.seen & Self.bit(hash) == 0 ? nil : self.index(of: name, hash: hash, in: bytes)
    }

    private func index(
        of name: UnsafeBufferPointer<UInt8>,
        hash: UInt32,
        in bytes: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        self.entries.firstIndex { $0.hash == hash && bytes[$0.name].elementsEqual(name) }
    }

    private static func bit(_ hash: UInt32) -> UInt64 { 1 << UInt64(hash >> 26) }

    /// Of the length, the beginning and the end: names of variables differ there.
    private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let text = UnsafeRawBufferPointer(name)
        guard text.count >= 4 else { return text.reduce(UInt32(text.count)) { $0 << 8 | UInt32($1) } &* 0x9E37_79B1 }
        let start = text.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
        let end = text.loadUnaligned(fromByteOffset: text.count - 4, as: UInt32.self)
        return ((start &* 0x85EB_CA6B) ^ end &+ UInt32(truncatingIfNeeded: text.count)) &* 0x9E37_79B1
    }
}
