import HTTPTypes
import NIOCore

/// A whole answer in the form of RFC 3875 section 6: header fields and a blank line, then the body.
struct GatewayResponse: Sendable {
    private enum Body: Sendable {
        case buffer(ByteBuffer)
        case bytes([UInt8])
    }

    /// The head without its end, which all answers of a kind may share.
    private let lines: [UInt8]
    /// What the head says of the length of the body, if anything.
    private let length: Int?
    private let content: Body

    init(status: HTTPResponse.Status, fields: HTTPFields, body: ByteBuffer) {
        self.lines = ResponseHead.lines(status: status, fields: fields)
        self.length = body.readableBytes
        self.content = .buffer(body)
    }

    /// A page under a head that is prepared.
    init(_ head: PreparedHead, body: [UInt8]) {
        self.lines = head.lines
        self.length = body.count
        self.content = .bytes(body)
    }

    /// An answer that has no body, because of its status or because only its head was asked for.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - fields: The header fields, whose `Content-Length` does not count.
    ///   - length: How long the body would be; nil when that is not known, or there can be none.
    init(status: HTTPResponse.Status, fields: HTTPFields, withoutBodyOfLength length: Int?) {
        self.lines = ResponseHead.lines(status: status, fields: fields)
        self.length = length
        self.content = .bytes([])
    }

    var head: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.lines.count + ResponseHead.endSize)
        self.appendHead(to: &bytes)
        return bytes
    }

    var body: ByteBuffer {
        switch self.content {
        case .buffer(let buffer): buffer
        case .bytes(let bytes): ByteBuffer(bytes: bytes)
        }
    }

    /// At least as many bytes as it has.
    var size: Int {
        let bodySize =
            switch self.content {
            case .buffer(let buffer): buffer.readableBytes
            case .bytes(let bytes): bytes.count
            }
        return self.lines.count + ResponseHead.endSize + bodySize
    }

    /// Puts all of it behind other bytes.
    func append(to bytes: inout [UInt8]) {
        self.appendHead(to: &bytes)
        switch self.content {
        case .buffer(let buffer): bytes.append(contentsOf: buffer.readableBytesView)
        case .bytes(let body): bytes.append(contentsOf: body)
        }
    }

    private func appendHead(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: self.lines)
        ResponseHead.appendEnd(length: self.length, to: &bytes)
    }

    /// A short answer of the server itself, in plain text.
    static func plain(
        _ status: HTTPResponse.Status,
        _ text: String,
        retryAfter: Int? = nil
    ) -> GatewayResponse {
        var fields: HTTPFields = [
            .contentType: "text/plain; charset=utf-8",
            .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
        ]
        if let retryAfter { fields[.retryAfter] = String(retryAfter) }
        return GatewayResponse(status: status, fields: fields, body: ByteBuffer(string: text + "\n"))
    }
}
