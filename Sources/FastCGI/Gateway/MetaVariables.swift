/// The meta-variables of a request (RFC 3875 section 4.1), each name once; of several with one name the last counts.
///
/// nginx sends a parameter as often as its configuration names it, and what stands behind an include is meant to override
/// it.
public struct MetaVariables: Sendable {
    private(set) var pairs: [(name: String, value: String)] = []
    /// The names that were given more than once.
    private(set) var repeatedNames: [String] = []
    /// Two values of `Authorization` that differ: whose request this is depends on which one is believed.
    private(set) var hasConflictingAuthorization = false
    /// A bit for the length and the last byte of each name, so that a name is rarely compared with the others.
    private var seen: UInt64 = 0

    init() {
        self.pairs.reserveCapacity(32)
    }

    /// Creates variables, as a web server would send them.
    public init(_ pairs: [(name: String, value: String)]) {
        self.pairs.reserveCapacity(pairs.count)
        for (name, value) in pairs { self.append(name, value, lastByte: name.utf8.last) }
    }

    /// Adds an entry in the form `NAME=value`; bytes that are not UTF-8 are replaced.
    mutating func append(entry: UnsafeBufferPointer<UInt8>) {
        let end = entry.firstIndex(of: UInt8(ascii: "=")) ?? entry.count
        let name = String(decoding: UnsafeBufferPointer(rebasing: entry[..<end]), as: UTF8.self)
        let value = String(decoding: UnsafeBufferPointer(rebasing: entry[min(end + 1, entry.count)...]), as: UTF8.self)
        self.append(name, value, lastByte: end == 0 ? nil : entry[end - 1])
    }

    /// The value of a variable, such as `REMOTE_USER`.
    public subscript(_ name: String) -> String? {
        self.index(of: name).map { self.pairs[$0].value }
    }

    private mutating func append(_ name: String, _ value: String, lastByte: UInt8?) {
        let bit: UInt64 = 1 << UInt64((name.utf8.count &* 31 &+ Int(lastByte ?? 0)) & 63)
        defer { self.seen |= bit }
        guard self.seen & bit != 0, let index = self.index(of: name) else {
            return self.pairs.append((name, value))
        }
        let earlier = self.pairs[index].value
        if name == "HTTP_AUTHORIZATION", earlier != value, !earlier.isEmpty, !value.isEmpty {
            self.hasConflictingAuthorization = true
        }
        self.repeatedNames.append(name)
        self.pairs[index].value = value
    }

    private func index(of name: String) -> Int? {
        // Two strings of one length are rare among these, and comparing lengths costs next to nothing.
        self.pairs.firstIndex { $0.name.utf8.count == name.utf8.count && $0.name == name }
    }
}
