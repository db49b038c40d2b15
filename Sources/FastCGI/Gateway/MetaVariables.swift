/// The meta-variables of a request (RFC 3875 section 4.1); of several with one name the first counts.
struct MetaVariables: Sendable {
    private(set) var pairs: [(name: String, value: String)] = []

    init() {
        self.pairs.reserveCapacity(32)
    }

    init(_ pairs: [(name: String, value: String)]) {
        self.pairs = pairs
    }

    /// Adds an entry in the form `NAME=value`; bytes that are not UTF-8 are replaced.
    mutating func append(entry: UnsafeBufferPointer<UInt8>) {
        let end = entry.firstIndex(of: UInt8(ascii: "=")) ?? entry.count
        let name = String(decoding: UnsafeBufferPointer(rebasing: entry[..<end]), as: UTF8.self)
        let value = String(decoding: UnsafeBufferPointer(rebasing: entry[min(end + 1, entry.count)...]), as: UTF8.self)
        self.pairs.append((name, value))
    }

    /// The value of the first variable with this name.
    subscript(_ name: String) -> String? {
        // Two strings of one length are rare among these, and comparing lengths costs next to nothing.
        self.pairs.first { $0.name.utf8.count == name.utf8.count && $0.name == name }?.value
    }
}
