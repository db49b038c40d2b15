import ForeignText
import Foundation

/// A text of the vault, made fit for a page and a log: valid, on one line, short, and without a token in it.
struct VaultMessage {
    /// How much of a text is looked at, and how much of it is shown.
    private static let limits = (read: 8192, shown: 500)

    let text: String

    /// Cleans a text.
    ///
    /// - Parameters:
    ///   - text: What the vault said.
    ///   - secret: The token that was sent; a server may send it back in its complaint.
    init(_ text: String, without secret: String) {
        // Before anything is cut, so that no half of the secret is left.
        let known = secret.isEmpty ? text : text.replacingOccurrences(of: secret, with: "<redacted>")
        let line = PrintableText.line(known.prefix(Self.limits.read)).trimmingCharacters(in: .whitespaces)
        let safe = Self.withoutTokens(line)
        self.text = safe.count > Self.limits.shown ? safe.prefix(Self.limits.shown) + "…" : safe
    }

    private static func withoutTokens(_ text: String) -> String {
        text
            // The three forms of a JWT, also cut off: they all begin with {" in base64url.
            .replacing(#/eyJ[A-Za-z0-9_\-]{5,}[A-Za-z0-9_.\-]*/#) { _ in "<redacted>" }
            .replacing(#/(?i)(bearer|basic)\s+[A-Za-z0-9._~+\/\-]{16,}=*/#) { match in
                // "Bearer authentication" is no token: one has something else than letters in it.
                match.output.0.dropFirst(match.output.1.count + 1).allSatisfy(\.isLetter)
                    ? match.output.0 : "\(match.output.1) <redacted>"
            }
            .replacing(#/(?i)((?:token|secret|password|assertion|key)["']?\s*[:=]\s*["']?)[^\s"'&,;}]{8,}/#) { match in
                "\(match.output.1)<redacted>"
            }
            .replacing(#/[A-Za-z0-9_~+=\-]{40,}/#) { _ in "<redacted>" }
    }
}
