import HTTPTypes
import NIOCore

@testable import FastCGI

/// From the bytes that nginx sends to an HTTP request, step by step.
enum RequestReading {
    static func make() throws -> [MicroBenchmark] {
        let bytes = Self.bytes
        var reader = RecordReader(limits: ServerLimits())
        let validated = try Self.read(bytes, with: &reader)
        try FCGXReader.library.get()
        let variables = try Self.throughLibfcgi(validated)
        let request = GatewayRequest(interface: .fastCGI, variables: variables, body: ByteBuffer())
        return [
            MicroBenchmark(name: "request: records") { count in
                for _ in 0..<count {
                    var reader = RecordReader(limits: ServerLimits())
                    use(try Self.read(bytes, with: &reader))
                }
            },
            MicroBenchmark(name: "request: libfcgi") { count in
                let reader = try FCGXReader()
                for _ in 0..<count {
                    use(try reader.read(validated, hasBody: false))
                }
            },
            MicroBenchmark(name: "request: meta-variables to HTTP") { count in
                for _ in 0..<count {
                    use(try request.httpRequest())
                }
            },
        ]
    }

    private struct NoRequest: Error {}

    private static func read(_ bytes: [UInt8], with reader: inout RecordReader) throws -> [UInt8] {
        bytes.withUnsafeBytes { reader.append($0) }
        guard case .request(let validated) = try reader.next() else { throw NoRequest() }
        return validated.records
    }

    private static func throughLibfcgi(_ records: [UInt8]) throws -> MetaVariables {
        guard let request = try FCGXReader().read(records, hasBody: false) else { throw NoRequest() }
        return request.variables
    }

    /// What a browser's request becomes in nginx.
    static let bytes: [UInt8] = {
        let variables = [
            ("GATEWAY_INTERFACE", "CGI/1.1"), ("SERVER_SOFTWARE", "nginx/1.22.1"), ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("SERVER_NAME", "token-page.example.com"), ("SERVER_ADDR", "192.0.2.1"), ("SERVER_PORT", "443"),
            ("REQUEST_METHOD", "GET"), ("REQUEST_SCHEME", "https"), ("REQUEST_URI", "/"), ("SCRIPT_NAME", ""),
            ("PATH_INFO", "/"), ("QUERY_STRING", ""), ("REMOTE_ADDR", "192.0.2.7"), ("REMOTE_PORT", "51234"), ("HTTPS", "on"),
            ("HTTP_HOST", "token-page.example.com"), ("HTTP_CONNECTION", "keep-alive"),
            ("HTTP_USER_AGENT", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            ("HTTP_ACCEPT", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            ("HTTP_ACCEPT_LANGUAGE", "en-GB,en;q=0.7"), ("HTTP_ACCEPT_ENCODING", "gzip, deflate, br, zstd"),
        ]
        let parameters = variables.flatMap { name, value in
            [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
        }
        return Self.record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + Self.record(4, parameters) + Self.record(4, [])
            + Self.record(5, [])
    }()

    private static func record(_ kind: UInt8, _ content: [UInt8]) -> [UInt8] {
        [1, kind, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 0xFF), 0, 0] + content
    }
}
