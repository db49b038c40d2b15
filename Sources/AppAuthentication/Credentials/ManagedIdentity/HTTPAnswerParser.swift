import Foundation
import TokenTransport

/// Reads an HTTP/1.1 answer out of the bytes of a connection (RFC 9112 sections 2 to 7), where no client library can.
enum HTTPAnswerParser {
    /// Reads as far as the bytes go.
    ///
    /// - Parameters:
    ///   - bytes: Everything that the server sent.
    ///   - isOver: Whether the server will send no more.
    /// - Returns: The answer; nil while there is more to come.
    /// - Throws: ``TransportError`` when it is no HTTP.
    static func answer(in bytes: [UInt8], isOver: Bool) throws -> TransportResponse? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]), (200...599).contains(status)
        else {
            throw TransportError(.other, "The answer is not HTTP.")
        }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), String(line[line.index(after: colon)...]).trimmed)
        }
        var response = TransportResponse(status: status, headers: headers)
        let rest = bytes[end.upperBound...]
        if response.header("Transfer-Encoding")?.lowercased() == "chunked" {
            guard let body = try Self.chunks(in: rest) else { return nil }
            response.body = body
        } else if let text = response.header("Content-Length") {
            guard let length = Int(text), length >= 0 else { throw TransportError(.other, "The answer is not HTTP.") }
            guard rest.count >= length else { return nil }
            response.body = Data(rest.prefix(length))
        } else {
            guard isOver else { return nil }
            response.body = Data(rest)
        }
        return response
    }

    /// The body that came in chunks; nil while the last one is missing.
    private static func chunks(in bytes: ArraySlice<UInt8>) throws -> Data? {
        var body = Data()
        var rest = bytes
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = String(decoding: rest[..<end.lowerBound].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard let count = Int(size.trimmed, radix: 16), count >= 0 else {
                throw TransportError(.other, "The answer is not HTTP.")
            }
            if count == 0 { return body }
            rest = rest[end.upperBound...]
            // A chunk has a line break behind it.
            guard rest.count - 2 >= count else { return nil }
            body += rest.prefix(count)
            rest = rest.dropFirst(count + 2)
        }
        return nil
    }
}
