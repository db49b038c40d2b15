import FastCGI
import HTTPTypes
import Hummingbird

/// What the web server says about a request that it would send to an API.
struct EgressRequest: Sendable, Equatable {
    /// The parameter with the name of the rule; only the web server's configuration can set it.
    static let ruleParameter = "TOKEN_EGRESS_RULE"
    /// The parameter with the method of the request itself; the question about it is always a GET.
    static let methodParameter = "TOKEN_EGRESS_METHOD"
    /// The parameter with the `Authorization` that the API has refused, when it has.
    static let refusedParameter = "TOKEN_EGRESS_REFUSED"

    let method: String
    /// The target of the request line as it came, with nothing decoded.
    let target: String
    let host: String
    let comesFromBrowser: Bool
    let cameThroughUnixSocket: Bool
    let secret: String?
    /// What the API has refused a moment ago.
    let refusedAuthorization: String?

    init(_ request: Request, variables: MetaVariables) {
        self.method = variables[Self.methodParameter] ?? ""
        self.target = variables["REQUEST_URI"] ?? ""
        self.host = Self.withoutPort(variables["HTTP_HOST"] ?? "").lowercased()
        // A browser says where a request to a local address comes from, whatever page made it (Fetch, section 3.1, and Fetch
        // Metadata). Sec-Fetch-Mode says nothing: fetch() of Node.js sends it too, and a browser never sends it alone.
        self.comesFromBrowser = ["HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "HTTP_SEC_FETCH_DEST"]
            .contains { variables[$0]?.isEmpty == false }
        self.cameThroughUnixSocket = variables["REMOTE_ADDR"] == "unix:"
        self.secret = variables["HTTP_X_EGRESS_SECRET"]
        self.refusedAuthorization = variables[Self.refusedParameter].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether a request is such a question.
    static func isAsked(in variables: MetaVariables) -> Bool { variables[Self.ruleParameter]?.isEmpty == false }

    /// The path, or nil when an API could read it as another one than the rule does.
    var canonicalPath: Substring? {
        let path = self.target.prefix { $0 != "?" }
        guard path.utf8.first == UInt8(ascii: "/"), !path.contains("//") else { return nil }
        var bytes = path.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                // Visible ASCII, and no character that some servers take for a slash.
                guard (0x21...0x7E).contains(byte), byte != UInt8(ascii: "\\") else { return nil }
                continue
            }
            guard let high = bytes.next().flatMap(Self.hexadecimal), let low = bytes.next().flatMap(Self.hexadecimal),
                Self.mayBeEncoded(high << 4 | low)
            else { return nil }
        }
        let hasDots = path.split(separator: "/").contains { segment in
            // What stands behind a semicolon is dropped by some servers before they look for dots.
            let name = segment.prefix { $0 != ";" }
            return name == "." || name == ".."
        }
        return hasDots ? nil : path
    }

    /// Not a slash, a backslash or a control character, and nothing that needs no encoding (RFC 3986 section 2.3).
    private static func mayBeEncoded(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x1F, 0x7F, UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "%"), UInt8(ascii: ";"): false
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            false
        default: true
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }

    private static func withoutPort(_ host: String) -> String {
        guard let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber),
            !host.hasPrefix("[") || host[..<colon].hasSuffix("]")
        else { return host }
        return String(host[..<colon])
    }
}
