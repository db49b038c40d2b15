/// The records with which a responder answers what is not a request.
enum ManagementReply {
    /// Why a request ended (FastCGI specification section 5.5).
    enum ProtocolStatus {
        static let requestComplete: UInt8 = 0
        static let cannotMultiplex: UInt8 = 1
        static let unknownRole: UInt8 = 3
    }

    static func endRequest(_ id: UInt16, status: UInt8) -> [UInt8] {
        var bytes: [UInt8] = []
        Self.appendEndRequest(id, status: status, to: &bytes)
        return bytes
    }

    /// Ends a responder's output, and its request with success.
    static func endOfAnswer(_ id: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        Self.appendEndOfAnswer(id, to: &bytes)
        return bytes
    }

    static func appendEndOfAnswer(_ id: UInt16, to bytes: inout [UInt8]) {
        RecordHeader(kind: RecordHeader.Kind.stdout, requestID: id, contentLength: 0).append(to: &bytes)
        Self.appendEndRequest(id, status: ProtocolStatus.requestComplete, to: &bytes)
    }

    private static func appendEndRequest(_ id: UInt16, status: UInt8, to bytes: inout [UInt8]) {
        RecordHeader(kind: RecordHeader.Kind.endRequest, requestID: id, contentLength: 8).append(to: &bytes)
        bytes.append(contentsOf: repeatElement(0, count: 4))
        bytes.append(status)
        bytes.append(contentsOf: repeatElement(0, count: 3))
    }

    /// Tells a web server that an answer has broken off, for which the protocol has no record: one of a version that there is
    /// none of.
    ///
    /// Where nginx does not keep connections it takes their end for that of the answer, unless it knows the length, and of how
    /// a request ended it looks at nothing.
    static let brokenAnswer = [UInt8](repeating: 0, count: RecordHeader.size)

    static func unknownType(_ kind: UInt8) -> [UInt8] {
        RecordHeader(kind: RecordHeader.Kind.unknownType, requestID: 0, contentLength: 8).bytes
            + [kind, 0, 0, 0, 0, 0, 0, 0]
    }

    /// Answers `FCGI_GET_VALUES` (section 4.1): each name that was asked for and is known, once.
    static func values(askedFor content: ArraySlice<UInt8>, maxConnections: Int, maxRequests: Int) -> [UInt8] {
        let known = [
            "FCGI_MAX_CONNS": String(maxConnections),
            "FCGI_MAX_REQS": String(maxRequests),
            "FCGI_MPXS_CONNS": "0",
        ]
        var body: [UInt8] = []
        for name in Set(self.names(in: content)).sorted() {
            guard let value = known[name] else { continue }
            body += [UInt8(name.utf8.count), UInt8(value.utf8.count)]
            body += name.utf8
            body += value.utf8
        }
        return RecordHeader(kind: RecordHeader.Kind.getValuesResult, requestID: 0, contentLength: body.count).bytes
            + body
    }

    /// The names of short pairs; the three known names need no other form.
    private static func names(in content: ArraySlice<UInt8>) -> [String] {
        var names: [String] = []
        var rest = content
        while let nameLength = rest.popFirst(), let valueLength = rest.popFirst() {
            guard nameLength < 0x80, valueLength < 0x80 else { break }
            names.append(String(decoding: rest.prefix(Int(nameLength)), as: UTF8.self))
            rest = rest.dropFirst(Int(nameLength) + Int(valueLength))
        }
        return names
    }
}
