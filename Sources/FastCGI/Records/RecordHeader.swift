/// The eight bytes before every record (FastCGI specification section 3.3).
struct RecordHeader: Equatable {
    static let size = 8
    static let version: UInt8 = 1
    static let maxContentLength = 65_535

    /// Record types (FastCGI specification section 8).
    enum Kind {
        static let beginRequest: UInt8 = 1
        static let abortRequest: UInt8 = 2
        static let endRequest: UInt8 = 3
        static let params: UInt8 = 4
        static let stdin: UInt8 = 5
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
        [
            self.version, self.kind,
            UInt8(self.requestID >> 8), UInt8(self.requestID & 0xFF),
            UInt8(self.contentLength >> 8), UInt8(self.contentLength & 0xFF),
            UInt8(self.paddingLength), 0,
        ]
    }
}
