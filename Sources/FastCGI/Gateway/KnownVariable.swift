import HTTPTypes

/// What a meta-variable says about an HTTP request.
enum KnownVariable {
    case requestMethod
    case contentLength
    case contentType
    case https
    case host
    case field(HTTPField.Name)

    /// - Returns: nil for a variable that is no part of an HTTP request.
    init?(_ name: Slice<UnsafeBufferPointer<UInt8>>) {
        guard let first = name.first else { return nil }
        switch first {
        case UInt8(ascii: "H"):
            if name.starts(with: "HTTP_".utf8) {
                self.init(headerField: name.dropFirst(5))
            } else if name.elementsEqual("HTTPS".utf8) {
                self = .https
            } else {
                return nil
            }
        case UInt8(ascii: "R") where name.elementsEqual("REQUEST_METHOD".utf8): self = .requestMethod
        case UInt8(ascii: "C") where name.elementsEqual("CONTENT_LENGTH".utf8): self = .contentLength
        case UInt8(ascii: "C") where name.elementsEqual("CONTENT_TYPE".utf8): self = .contentType
        default: return nil
        }
    }

    /// `HTTP_ACCEPT_LANGUAGE` came from `Accept-Language` (RFC 3875 section 4.1.18).
    private init?(headerField name: Slice<UnsafeBufferPointer<UInt8>>) {
        if name.elementsEqual("HOST".utf8) {
            self = .host
            return
        }
        guard !Self.ignoredFields.contains(where: { name.elementsEqual($0) }) else { return nil }
        for (known, fieldName) in Self.usualFields where known.count == name.count && name.elementsEqual(known) {
            self = .field(fieldName)
            return
        }
        let text = name.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
        guard let fieldName = HTTPField.Name(String(decoding: text, as: UTF8.self)) else { return nil }
        self = .field(fieldName)
    }

    // A request header named Proxy would become the variable that HTTP clients take their proxy from. What the body is, other
    // variables say; it comes without the coding that it had on its way.
    private static let ignoredFields = ["PROXY", "CONTENT_LENGTH", "CONTENT_TYPE", "TRANSFER_ENCODING"].map {
        Array($0.utf8)
    }

    /// What browsers and nginx send with every request, whose names are made once.
    private static let usualFields: [(variable: [UInt8], name: HTTPField.Name)] = [
        "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection", "Cookie", "DNT",
        "If-Modified-Since", "If-None-Match", "Origin", "Pragma", "Priority", "Referer", "Sec-CH-UA",
        "Sec-CH-UA-Mobile",
        "Sec-CH-UA-Platform", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-GPC",
        "Upgrade-Insecure-Requests", "User-Agent",
    ].compactMap { text in
        HTTPField.Name(text).map { (Array(text.uppercased().replacing("-", with: "_").utf8), $0) }
    }
}
