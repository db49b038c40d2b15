import Foundation
import OAuthWire

/// Where a browser goes after a login.
///
/// It is taken apart here, strictly, because browsers and URL parsers do not agree on what is odd: what has a user, a
/// backslash, a fragment, a dot segment or an escaped slash in it is not one.
package struct ReturnURL: Sendable, Hashable {
    /// As it was given, and as the browser gets it back.
    package let text: String
    private let scheme: String
    private let host: String
    private let port: Int
    /// Without the last one where that is empty.
    private let segments: [String]

    private static let maxLength = 2_048

    /// - Returns: nil for what is neither https nor http on this machine, or is odd.
    package init?(_ text: String) {
        guard
            text.utf8.count <= Self.maxLength, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            !text.contains(where: { "\\#<>\"^`{|}".contains($0) })
        else { return nil }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        self.scheme = text[..<colon].lowercased()
        let rest = text[text.index(colon, offsetBy: 3)...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<end]) else { return nil }
        switch self.scheme {
        case "https": self.port = port ?? 443
        case "http":
            guard Self.isLoopback(host) else { return nil }
            self.port = port ?? 80
        default: return nil
        }
        self.host = host
        let path = rest[end...].prefix { $0 != "?" }
        guard let segments = Self.segments(path) else { return nil }
        self.segments = segments
        self.text = text
    }

    /// Its scheme, host and port, which hold no secret.
    package var site: String {
        let usual = self.scheme == "https" ? 443 : 80
        return "\(self.scheme)://\(self.host)" + (self.port == usual ? "" : ":\(self.port)")
    }

    /// Whether a browser may be sent to an address that has the same site, and a path that begins with the same segments.
    package func allows(_ other: ReturnURL) -> Bool {
        self.scheme == other.scheme && self.host == other.host && self.port == other.port
            && other.segments.starts(with: self.segments)
    }

    /// Whether one of these allows it.
    package func isAllowed(by list: [String]) -> Bool {
        list.contains { ReturnURL($0)?.allows(self) ?? false }
    }

    /// With fields added to its query, which stays as it is.
    package func adding(_ fields: [(name: String, value: String)]) -> String {
        let separator = !self.text.contains("?") ? "?" : self.text.hasSuffix("?") || self.text.hasSuffix("&") ? "" : "&"
        return self.text + separator + String(decoding: URLEncoding.form(fields), as: UTF8.self)
    }

    private static func authority(_ text: Substring) -> (host: String, port: Int?)? {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[...close]
            rest = text[text.index(after: close)...]
            guard host.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || $0 == ":" }) else { return nil }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
            let isName = host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            guard isName else { return nil }
        }
        guard !host.isEmpty else { return nil }
        guard !rest.isEmpty else { return (host.lowercased(), nil) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), digits.allSatisfy(\.isNumber), let port = UInt16(digits), port > 0 else {
            return nil
        }
        return (host.lowercased(), Int(port))
    }

    private static func segments(_ path: Substring) -> [String]? {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        if segments.last == "" { segments.removeLast() }
        for segment in segments {
            guard let plain = segment.removingPercentEncoding, !plain.isEmpty, plain != ".", plain != "..",
                !plain.contains("/"), !plain.contains("\\")
            else { return nil }
        }
        return segments
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]" || host.wholeMatch(of: /127(\.[0-9]{1,3}){3}/) != nil
    }
}
