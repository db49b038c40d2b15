import Foundation

/// An address that a browser may be sent to after a login, and all that lies below it.
///
/// It is compared in its parts, and never as text: `https://app.example` says nothing of `https://app.example.evil`.
package struct ReturnURL: Sendable, Hashable {
    private let scheme: String
    private let host: String
    private let port: Int
    private let path: [Substring]

    /// Takes an https address, or one of http on this machine; without user, fragment, backslash or control character.
    package init?(_ text: String) {
        guard
            text.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0 != "\\" && $0.value != 0x7f }),
            let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), let host = parts.host?.lowercased(), !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil,
            scheme == "https" || (scheme == "http" && Self.isLoopback(host))
        else {
            return nil
        }
        let path = parts.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        // A segment that a browser would resolve says something else than it seems to.
        guard !path.contains(where: { $0 == "." || $0 == ".." }) else {
            return nil
        }
        self.scheme = scheme
        self.host = host
        self.port = parts.port ?? (scheme == "https" ? 443 : 80)
        self.path = Array(path)
    }

    /// Whether a browser may be sent to an address that has the same site, and a path that begins with the same segments.
    ///
    /// An empty last segment stands for anything below.
    package func allows(_ other: ReturnURL) -> Bool {
        let prefix = self.path.last?.isEmpty == true ? self.path.dropLast() : self.path[...]
        return self.scheme == other.scheme && self.host == other.host && self.port == other.port
            && other.path.starts(with: prefix)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]"
    }
}
