import HTTPTypes
import Hummingbird
import Locking
import NIOCore

/// A whole answer in the form of RFC 3875 section 6: header fields, a blank line, the body.
struct GatewayResponse: Sendable {
    private(set) var bytes: ByteBuffer

    /// Collects the body of a response and puts its head before it.
    ///
    /// - Throws: whatever the writer of the body throws.
    init(_ response: Response, to method: HTTPRequest.Method?) async throws {
        let collector = BodyCollector()
        try await response.body.write(BodyCollector.Writer(collector: collector))
        self.init(status: response.status, fields: response.headers, body: collector.body, to: method)
    }

    init(status: HTTPResponse.Status, fields: HTTPFields, body: ByteBuffer, to method: HTTPRequest.Method?) {
        // RFC 9110 sections 6.4.1 and 15.4.5: these have no body.
        let hasNoBody = status.code == 204 || status.code == 304 || status.kind == .informational
        var length = String(body.readableBytes)
        if method == .head, let declared = fields[.contentLength], Int(declared) != nil {
            length = declared
        }
        var head = Head(status: status, phrase: Self.phrase(status))
        for field in fields {
            switch field.name {
            case .contentLength, .connection, .transferEncoding: break
            default: head.append(field.name.rawName, Self.singleLine(field.value))
            }
        }
        if !hasNoBody {
            head.append("Content-Length", length)
        }
        head.end()
        self.bytes = ByteBuffer()
        self.bytes.reserveCapacity(head.bytes.count + body.readableBytes)
        self.bytes.writeBytes(head.bytes)
        if !hasNoBody, method != .head {
            self.bytes.writeImmutableBuffer(body)
        }
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
        return GatewayResponse(status: status, fields: fields, body: ByteBuffer(string: text + "\n"), to: nil)
    }

    /// Some HTTP clients reject a status line without a phrase, though one may be empty (RFC 9112 section 4).
    private static func phrase(_ status: HTTPResponse.Status) -> String {
        guard status.reasonPhrase.isEmpty else { return Self.singleLine(status.reasonPhrase) }
        return switch status.kind {
        case .clientError: "Client Error"
        case .serverError: "Server Error"
        case .redirection: "Redirection"
        default: "OK"
        }
    }

    /// A line break in a value would begin a header field of somebody else's making.
    private static func singleLine(_ value: String) -> String {
        var text = value
        let isSingleLine = text.withUTF8 { bytes in bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
        guard !isSingleLine else { return value }
        return String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }
}

/// The lines before the body, in one piece: each write into a `ByteBuffer` costs more than the bytes.
private struct Head {
    private(set) var bytes: [UInt8] = []

    init(status: HTTPResponse.Status, phrase: String) {
        self.bytes.reserveCapacity(768)
        self.append("Status", String(status.code), " ", phrase)
    }

    mutating func append(_ name: String, _ parts: String...) {
        self.bytes.append(contentsOf: name.utf8)
        self.bytes.append(contentsOf: ": ".utf8)
        for part in parts { self.bytes.append(contentsOf: part.utf8) }
        self.end()
    }

    mutating func end() {
        self.bytes.append(contentsOf: "\r\n".utf8)
    }
}

/// Takes the parts of a response's body.
private final class BodyCollector: Sendable {
    private let buffer = Mutex(ByteBuffer())

    var body: ByteBuffer { self.buffer.withLock { $0 } }

    struct Writer: ResponseBodyWriter {
        let collector: BodyCollector

        func write(_ part: ByteBuffer) async throws {
            self.collector.buffer.withLock { buffer in
                if buffer.readableBytes == 0 {
                    buffer = part
                } else {
                    buffer.writeImmutableBuffer(part)
                }
            }
        }

        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
