import HTTPTypes
import NIOCore

extension GatewayRequest {
    /// Why a request cannot be made into an HTTP request.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The HTTP request that the meta-variables describe.
    func httpRequest() throws(Malformed) -> HTTPRequest {
        var methodName: String?
        var contentLength: String?
        var contentType: String?
        var host: String?
        var scheme = "http"
        var fields = HTTPFields()
        fields.reserveCapacity(16)
        self.variables.withEachPair { name, value in
            switch KnownVariable(name) {
            case .requestMethod: methodName = String(decoding: value, as: UTF8.self)
            case .contentLength: contentLength = String(decoding: value, as: UTF8.self)
            case .contentType: contentType = String(decoding: value, as: UTF8.self)
            case .https: scheme = value.isEmpty || value.elementsEqual("off".utf8) ? "http" : "https"
            case .host: host = String(decoding: value, as: UTF8.self)
            case .field(let fieldName):
                fields.append(HTTPField(name: fieldName, value: String(decoding: value, as: UTF8.self)))
            case nil: break
            }
        }
        guard !self.variables.hasConflictingAuthorization else {
            throw Malformed(description: "there are two values of HTTP_AUTHORIZATION")
        }
        guard let methodName, !methodName.isEmpty else { throw Malformed(description: "REQUEST_METHOD is missing") }
        guard let method = HTTPRequest.Method(methodName) else {
            throw Malformed(description: "REQUEST_METHOD is not a method")
        }
        if let contentType, !contentType.isEmpty {
            fields[.contentType] = contentType
        }
        if let contentLength, !contentLength.isEmpty {
            guard let length = Int(contentLength), length >= 0 else {
                throw Malformed(description: "CONTENT_LENGTH is not a number")
            }
            if length <= self.body.readableBytes {
                fields[.contentLength] = String(length)
            } else if self.body.readableBytes > 0 || (method != .get && method != .head) {
                throw Malformed(description: "the body is shorter than CONTENT_LENGTH")
            }
            // Else it is the length of a body that the web server kept for itself, as nginx does with
            // `fastcgi_pass_request_body off` and in a subrequest of a POST.
        }
        return HTTPRequest(
            method: method,
            scheme: scheme,
            authority: host,
            path: try self.path(),
            headerFields: fields
        )
    }

    /// The path inside the application, and the query.
    ///
    /// `PATH_INFO` is what follows the part of the path that led here (RFC 3875 section 4.1.5). Web servers set it for
    /// CGI programs, and for FastCGI when the application is mounted below a prefix; otherwise a FastCGI application
    /// owns the whole path.
    private func path() throws(Malformed) -> String {
        let query = self.variables["QUERY_STRING"] ?? ""
        if let pathInfo = self.variables["PATH_INFO"], !pathInfo.isEmpty {
            return Self.percentEncoded(path: pathInfo) + (query.isEmpty ? "" : "?" + query)
        }
        if self.interface == .cgi {
            return "/" + (query.isEmpty ? "" : "?" + query)
        }
        if let uri = self.variables["REQUEST_URI"], !uri.isEmpty {
            guard uri.utf8.first == UInt8(ascii: "/") || uri == "*" else {
                throw Malformed(description: "REQUEST_URI is not a path")
            }
            return uri
        }
        let name = self.variables["SCRIPT_NAME"] ?? ""
        return (name.isEmpty ? "/" : Self.percentEncoded(path: name)) + (query.isEmpty ? "" : "?" + query)
    }

    /// Encodes what may not stand in a path (RFC 3986 section 3.3), since the web server has decoded it.
    private static func percentEncoded(path: String) -> String {
        guard !path.utf8.allSatisfy(Self.mayStandInPath) else { return path }
        let hexDigits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            if Self.mayStandInPath(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A slash and what RFC 3986 calls a `pchar`, but for percent-encoded ones.
    private static func mayStandInPath(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        // From & to ; stand the digits, the slash, the colon and six more.
        case UInt8(ascii: "&")...UInt8(ascii: ";"): true
        case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "@"): true
        case UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
