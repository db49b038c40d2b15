import Foundation

/// What a token is for: the App ID URI or the id of an application, exactly as the client spelled it.
///
/// A real directory knows its resources by name. This one takes every absolute URI and every GUID.
struct Resource: Sendable, Equatable {
    let identifier: String

    init?(_ text: String) {
        guard UUID(uuidString: text) != nil || Self.isAbsoluteURI(text) else { return nil }
        self.identifier = text
    }

    /// Takes one trailing `/.default` off a scope and nothing else, so that `https://x//.default` is `https://x/`.
    init?(scope: String) {
        guard scope.hasSuffix("/.default") else { return nil }
        self.init(String(scope.dropLast("/.default".count)))
    }

    /// A scheme and something after it (RFC 3986 section 3).
    private static func isAbsoluteURI(_ text: String) -> Bool {
        guard
            let colon = text.firstIndex(of: ":"), let first = text.unicodeScalars.first,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            text.index(after: colon) < text.endIndex
        else {
            return false
        }
        return first.properties.isAlphabetic
            && text[..<colon].allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) }
    }
}
