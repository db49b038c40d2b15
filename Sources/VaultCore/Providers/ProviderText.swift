import ForeignText
package import OAuthWire

/// A text of a provider, made fit for a log, a page and an address: one line, short, and without secrets.
package enum ProviderText {
    package static func line(_ text: String, without secrets: [Secret] = []) -> String {
        let known = secrets.reduce(text) { Redaction.removing($1.value, from: $0) }
        let readable = Redaction.removingTokens(from: String(known.prefix(8_192)))
        let result = PrintableText.line(readable)
        return result.count > 300 ? "\(result.prefix(300))…" : result
    }
}
