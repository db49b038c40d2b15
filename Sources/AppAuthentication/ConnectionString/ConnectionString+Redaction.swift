import OAuthWire

extension ConnectionString {
    private static let secretWords = ["appkey", "secret", "password", "pwd"]

    /// Whether the value of a key is a secret: that of `AppKey`, and that of a key which only looks as if it had an
    /// effect, such as a mistyped `Secret=`.
    static func isSecret(key: String) -> Bool {
        let key = key.lowercased()
        if let known = Key.allCases.first(where: { $0.rawValue.lowercased() == key }) { return known == .appKey }
        return key.hasSuffix("key") || Self.secretWords.contains { key.contains($0) }
    }

    /// The text without secrets: neither where they stand, as written there, nor anywhere else.
    static func redact(_ text: String, pairs: [Pair]) -> String {
        var redacted = text
        for pair in pairs.reversed() {
            let isSecret = Self.isSecret(key: pair.key) && !pair.value.isEmpty
            let shown = isSecret ? Redaction.mark : Self.redact(value: String(text[pair.span]))
            redacted.replaceSubrange(pair.span, with: shown)
        }
        for pair in pairs where Self.isSecret(key: pair.key) {
            redacted = Redaction.removing(String(text[pair.span]), from: redacted)
            redacted = Redaction.removing(pair.value, from: redacted)
        }
        return redacted
    }

    /// The value of a harmless key, without the secret that a forgotten semicolon put into it.
    static func redact(value: String) -> String {
        Self.cut(value) { $0.drop(while: \.isWhitespace).first == "=" }
    }

    /// A text that could not be read, up to the first word that may announce a secret.
    ///
    /// Where such a secret ends is anyone's guess, so everything behind it goes.
    static func redact(unreadable text: String) -> String {
        let harmless = Key.keyVaultCertificateSecretIdentifier.rawValue.dropLast("Identifier".count).lowercased()
        return Self.cut(text) { rest in
            let word = text[..<rest.startIndex].lowercased()
            return !word.hasSuffix(harmless) && !word.hasSuffix("/secret")
        }
    }

    /// Cuts a text behind the first secret word for which the rest of the text gives reason to.
    private static func cut(_ text: String, where isReason: (Substring) -> Bool) -> String {
        var start = text.startIndex
        while start < text.endIndex {
            let rest = text[start...]
            if let word = Self.secretWords.first(where: { rest.lowercasedPrefix($0.count) == $0 }) {
                let behind = rest.dropFirst(word.count)
                if isReason(behind) {
                    let separator = behind.prefix { $0.isWhitespace || $0 == "=" || $0 == ":" }
                    return text[..<behind.startIndex] + separator + Redaction.mark
                }
            }
            start = text.index(after: start)
        }
        return text
    }
}

extension Substring {
    fileprivate func lowercasedPrefix(_ count: Int) -> String { self.prefix(count).lowercased() }
}
