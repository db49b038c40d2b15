package import Foundation

/// What is taken out of texts that come from elsewhere before they are shown.
package enum Redaction {
    /// What stands where a secret stood, as in AppAuthentication for .NET.
    package static let mark = "<<Redacted>>"

    /// The text without a secret that is known, however it is spelled there.
    package static func removing(_ secret: String, from text: String) -> String {
        Self.removing([secret], from: text)
    }

    /// The text without secrets that are known, however they are spelled there.
    ///
    /// One pass: what was put in is not looked at again, nor is a mark that was there before, or a secret that is a part of
    /// the mark would make the text many times as long.
    package static func removing(_ secrets: [String], from text: String) -> String {
        let spellings = Set(secrets.flatMap(Self.spellings)).map { Array($0.utf8) }
        guard !spellings.isEmpty else { return text }
        let mark = Array(Self.mark.utf8)
        // The longest first, because another one may be a part of it.
        let byFirst = Dictionary(grouping: spellings) { $0.first ?? 0 }
            .mapValues { $0.sorted { $0.count > $1.count } }
        let bytes = Array(text.utf8)
        var shown: [UInt8] = []
        shown.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let rest = bytes[position...]
            let isMark = rest.first == mark.first && rest.starts(with: mark)
            if isMark {
                shown += mark
                position += mark.count
            } else if let found = byFirst[bytes[position]]?.first(where: { rest.starts(with: $0) }) {
                shown += mark
                position += found.count
            } else {
                shown.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// As it is, and as somebody repeats it who shows the form, the query or the JSON that it came in.
    private static func spellings(of secret: String) -> [String] {
        guard !secret.isEmpty else { return [] }
        let form = String(decoding: URLEncoding.form([("", secret)]).dropFirst(), as: UTF8.self)
        let encoders = [JSONEncoder.OutputFormatting(), .withoutEscapingSlashes].map { formatting in
            let encoder = JSONEncoder()
            encoder.outputFormatting = formatting
            return encoder
        }
        let json = encoders.compactMap { try? $0.encode(secret) }
            .map { String(decoding: $0.dropFirst().dropLast(), as: UTF8.self) }
        return [secret, form, form.replacing("%20", with: "+"), URLEncoding.query(secret)] + json
    }

    /// The beginning of a body that is shown, without tokens and without secrets that are known.
    package static func excerpt(of body: Data, without secrets: [Secret]) -> String {
        // What is shown is cut at the end, when the secrets are gone: half of one would not be found.
        let text = Self.removingTokens(from: String(decoding: body.prefix(65_536), as: UTF8.self))
        return String(Self.removing(secrets.map(\.value), from: text).prefix(2_000))
    }

    /// The text without anything that looks like a token: values of JSON and form fields that hold one, and JWTs.
    package static func removingTokens(from text: String) -> String {
        // With backslashes before the quotes where JSON stands in JSON; not any number, which would take its time.
        let field =
            /(?<name>\\{0,8}["'](?i:(?:access_?|refresh_?|id_?)?token|client_?secret|(?:client_)?assertion|password)\\{0,8}["']\s*:\s*)(?:\\{1,8}["'][^"']*["']?|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)/
        let formField =
            /(?<name>\b(?:access_token|refresh_token|id_token|client_secret|(?:client_)?assertion)=)[^&\s"']+/
        let readable =
            text
            .replacing(field) { "\($0.output.name)\"\(Self.mark)\"" }
            .replacing(formField) { "\($0.output.name)\(Self.mark)" }
        return Self.removingJWTs(from: readable)
    }
}
