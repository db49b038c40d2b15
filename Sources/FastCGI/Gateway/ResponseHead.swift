import HTTPTypes

/// The lines before the body of an answer, in one piece: each write into a `ByteBuffer` costs more than the bytes.
enum ResponseHead {
    /// What the end takes at the most: the name, twenty digits, and two line breaks.
    static let endSize = 40

    /// - Parameters:
    ///   - status: The status.
    ///   - fields: The header fields. Those about the length and the connection are left out: they are the web server's
    ///     matter.
    ///   - length: The length of the body in bytes; nil for a head without one.
    /// - Returns: The lines, with the blank one at the end.
    static func bytes(status: HTTPResponse.Status, fields: HTTPFields, length: Int?) -> [UInt8] {
        var bytes = Self.lines(status: status, fields: fields)
        Self.appendEnd(length: length, to: &bytes)
        return bytes
    }

    /// All lines but for the length and the blank one.
    static func lines(status: HTTPResponse.Status, fields: HTTPFields) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(768)
        bytes.append(contentsOf: "Status: ".utf8)
        bytes.append(contentsOf: String(status.code).utf8)
        bytes.append(UInt8(ascii: " "))
        Self.append(Self.phrase(status), to: &bytes)
        for field in fields {
            switch field.name {
            case .contentLength, .connection, .transferEncoding: break
            default: Self.append(field.name.rawName, field.value, to: &bytes)
            }
        }
        return bytes
    }

    /// The length of the body, if there is one, and the blank line.
    static func appendEnd(length: Int?, to bytes: inout [UInt8]) {
        if let length { Self.append("Content-Length", String(length), to: &bytes) }
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        Self.append(value, to: &bytes)
    }

    /// A line break in a value would begin a header field of somebody else's making.
    private static func append(_ value: String, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: value.utf8)
        for index in start..<bytes.count where bytes[index] < 0x20 || bytes[index] == 0x7F { bytes[index] = 0x20 }
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// Some HTTP clients reject a status line without a phrase, though one may be empty (RFC 9112 section 4).
    private static func phrase(_ status: HTTPResponse.Status) -> String {
        guard status.reasonPhrase.isEmpty else { return status.reasonPhrase }
        return switch status.kind {
        case .clientError: "Client Error"
        case .serverError: "Server Error"
        case .redirection: "Redirection"
        default: "OK"
        }
    }
}
