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
        var secrets: [String] = []
        var pieces: [String] = []
        var position = text.startIndex
        let tails = Self.tails(pairs)
        for (pair, isTail) in zip(pairs, tails) {
            pieces.append(String(text[position..<pair.start]))
            let written = String(text[pair.span])
            if isTail {
                pieces.append(Redaction.mark)
                secrets.append(pair.value)
            } else if Self.isSecret(key: pair.key), !pair.value.isEmpty {
                pieces.append(text[pair.start..<pair.span.lowerBound] + Redaction.mark)
                secrets += [written, pair.value]
            } else {
                pieces.append(text[pair.start..<pair.span.lowerBound] + Self.redact(value: written))
            }
            position = pair.span.upperBound
        }
        pieces.append(String(text[position...]))
        return Redaction.removing(secrets, from: pieces.joined())
    }

    /// Which pairs are, as far as anyone can tell, the rest of a secret with a semicolon in it: those with an unknown key
    /// behind a secret that has no quotes.
    static func tails(_ pairs: [Pair]) -> [Bool] {
        var isBehindSecret = false
        return pairs.map { pair in
            let isTail = isBehindSecret && !Self.isKnown(key: pair.key) && !Self.isSecret(key: pair.key)
            isBehindSecret = Self.isSecret(key: pair.key) || isTail
            return isTail
        }
    }

    static func isKnown(key: String) -> Bool {
        Key.allCases.contains { $0.rawValue.lowercased() == key.lowercased() }
    }

    /// A sentence for each key that has no effect; AppAuthentication for .NET accepts such keys in silence.
    static func warnings(_ pairs: [Pair]) -> [String] {
        var warnings: [String] = []
        for (pair, isTail) in zip(pairs, Self.tails(pairs)) where !Self.isKnown(key: pair.key) {
            if isTail {
                warnings.append(
                    "What follows a semicolon in a secret is ignored; a secret with a semicolon needs quotes."
                )
            } else {
                let key = Redaction.removing(pairs.filter { Self.isSecret(key: $0.key) }.map(\.value), from: pair.key)
                let hint = Self.isSecret(key: pair.key) ? "; a client secret is called AppKey" : ""
                warnings.append("The key \(key.prefix(100)) is not known and has no effect\(hint).")
            }
        }
        return warnings
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
