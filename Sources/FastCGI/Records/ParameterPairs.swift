/// A whole stream of name-value pairs (FastCGI specification section 3.4).
enum ParameterPairs {
    /// A name that holds one of these would become another, since libfcgi makes `NAME=value` of a pair, and text of C.
    static func isUsable(_ name: some Sequence<UInt8>) -> Bool {
        !name.contains { $0 == 0 || $0 == UInt8(ascii: "=") }
    }

    /// The same, where the bytes lie in a row.
    static func isUsable(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        name.offset(of: 0) == nil && name.offset(of: UInt8(ascii: "=")) == nil
    }

    /// The stream that the PARAMS records among these carry.
    static func stream(inRecords records: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = []
        var rest = records[...]
        while rest.count >= RecordHeader.size {
            let header = RecordHeader(rest)
            let record = rest.prefix(RecordHeader.size + header.bodyLength)
            if header.kind == RecordHeader.Kind.params { stream += record.dropFirst(RecordHeader.size) }
            rest = rest.dropFirst(record.count)
        }
        return stream
    }

    /// What `CONTENT_LENGTH` says, the last where there are several; nil when there is none, or no number.
    static func contentLength(inRecords records: [UInt8]) -> Int? {
        let stream = Self.stream(inRecords: records)
        var rest = stream[...]
        var length: Int?
        while let pair = Self.popPair(&rest) {
            guard pair.name.elementsEqual("CONTENT_LENGTH".utf8) else { continue }
            length = Int(String(decoding: pair.value, as: UTF8.self))
        }
        return length
    }

    /// The pairs whose names can be told from their values.
    static func removingUnusableNames(_ stream: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(stream.count)
        var rest = stream[...]
        while !rest.isEmpty {
            let start = rest
            guard let pair = Self.popPair(&rest) else { return kept }
            if Self.isUsable(pair.name) { kept += start[..<rest.startIndex] }
        }
        return kept
    }

    private static func popPair(
        _ bytes: inout ArraySlice<UInt8>
    ) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        guard let nameLength = Self.popLength(&bytes), let valueLength = Self.popLength(&bytes),
            bytes.count >= nameLength + valueLength
        else { return nil }
        let name = bytes.prefix(nameLength)
        let value = bytes.dropFirst(nameLength).prefix(valueLength)
        bytes = bytes.dropFirst(nameLength + valueLength)
        return (name, value)
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
