/// The eight bytes before every record (FastCGI specification section 3.3).
struct RecordHeader: Equatable {
    static let size = 8
    static let version: UInt8 = 1
    static let maxContentLength = 65_535
    /// The longest content that needs no padding to be a multiple of eight bytes (section 3.3).
    static let maxAlignedLength = 65_528

    /// Record types (FastCGI specification section 8).
    enum Kind {
        static let beginRequest: UInt8 = 1
        static let abortRequest: UInt8 = 2
        static let endRequest: UInt8 = 3
        static let params: UInt8 = 4
        static let stdin: UInt8 = 5
        static let stdout: UInt8 = 6
        static let getValues: UInt8 = 9
        static let getValuesResult: UInt8 = 10
        static let unknownType: UInt8 = 11
    }

    var version = Self.version
    var kind: UInt8
    var requestID: UInt16
    var contentLength: Int
    var paddingLength = 0

    /// Content and padding.
    var bodyLength: Int { self.contentLength + self.paddingLength }

    init(kind: UInt8, requestID: UInt16, contentLength: Int) {
        self.kind = kind
        self.requestID = requestID
        self.contentLength = contentLength
    }

    /// Reads a header from the first eight bytes.
    init(_ bytes: ArraySlice<UInt8>) {
        let start = bytes.startIndex
        self.version = bytes[start]
        self.kind = bytes[start + 1]
        self.requestID = UInt16(bytes[start + 2]) << 8 | UInt16(bytes[start + 3])
        self.contentLength = Int(bytes[start + 4]) << 8 | Int(bytes[start + 5])
        self.paddingLength = Int(bytes[start + 6])
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        self.append(to: &bytes)
        return bytes
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(self.version)
        bytes.append(self.kind)
        bytes.append(UInt8(self.requestID >> 8))
        bytes.append(UInt8(self.requestID & 0xFF))
        bytes.append(UInt8(self.contentLength >> 8))
        bytes.append(UInt8(self.contentLength & 0xFF))
        bytes.append(UInt8(self.paddingLength))
        bytes.append(0)
    }

    /// A record of a responder's output; one without content ends it.
    static func standardOutput(_ content: some Collection<UInt8>, id: UInt16) -> [UInt8] {
        var record: [UInt8] = []
        record.reserveCapacity(Self.size + content.count)
        RecordHeader(kind: Kind.stdout, requestID: id, contentLength: content.count).append(to: &record)
        record += content
        return record
    }

    /// The same behind other bytes, with a content that is put there, and is known to be no longer than a record takes.
    static func appendStandardOutput(id: UInt16, to bytes: inout [UInt8], content: (inout [UInt8]) -> Void) {
        let start = bytes.count
        RecordHeader(kind: Kind.stdout, requestID: id, contentLength: 0).append(to: &bytes)
        content(&bytes)
        let length = bytes.count - start - Self.size
        bytes[start + 4] = UInt8(length >> 8)
        bytes[start + 5] = UInt8(length & 0xFF)
    }
}
