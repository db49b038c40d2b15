/// A whole stream of name-value pairs (FastCGI specification section 3.4).
enum ParameterPairs {
    /// A name that holds one of these would become another, since libfcgi makes `NAME=value` of a pair, and text of C.
    static func isUsable(_ name: some Sequence<UInt8>) -> Bool {
        !name.contains { $0 == 0 || $0 == UInt8(ascii: "=") }
    }

    /// The pairs whose names can be told from their values.
    static func removingUnusableNames(_ stream: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(stream.count)
        var rest = stream[...]
        while !rest.isEmpty {
            let start = rest
            guard let nameLength = Self.popLength(&rest), let valueLength = Self.popLength(&rest),
                rest.count >= nameLength + valueLength
            else { return kept }
            let name = rest.prefix(nameLength)
            rest = rest.dropFirst(nameLength + valueLength)
            if Self.isUsable(name) { kept += start[..<rest.startIndex] }
        }
        return kept
    }

    private static func popLength(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        guard first & 0x80 != 0 else {
            bytes = bytes.dropFirst()
            return Int(first)
        }
        guard bytes.count >= 4 else { return nil }
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        bytes = bytes.dropFirst(4)
        return length
    }
}
