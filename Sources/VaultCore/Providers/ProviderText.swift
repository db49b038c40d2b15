package import OAuthWire

/// A text of a provider, made fit for a log, a page and an address: one line, short, and without secrets.
package enum ProviderText {
    package static func line(_ text: String, without secrets: [Secret] = []) -> String {
        let known = secrets.reduce(text) { Redaction.removing($1.value, from: $0) }
        let readable = Redaction.removingTokens(from: String(known.prefix(8_192)))
        var line = String.UnicodeScalarView()
        for scalar in readable.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator:
                if let last = line.last, last != " " { line.append(" ") }
            // A format character can turn the direction of the text around it.
            case .format, .privateUse, .surrogate, .unassigned: continue
            default: line.append(scalar)
            }
        }
        let result = String(line)
        return result.count > 300 ? "\(result.prefix(300))…" : result
    }
}
