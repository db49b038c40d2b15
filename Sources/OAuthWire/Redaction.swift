package import Foundation

/// What is taken out of texts that come from elsewhere before they are shown.
package enum Redaction {
    /// What stands where a secret stood, as in AppAuthentication for .NET.
    package static let mark = "<<Redacted>>"

    /// The text without a secret that is known, however it is spelled there.
    package static func removing(_ secret: String, from text: String) -> String {
        Self.spellings(of: secret).reduce(text) { $0.replacing($1, with: Self.mark) }
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
        let spellings = [secret, form, form.replacing("%20", with: "+"), URLEncoding.query(secret)] + json
        // The longest first, because another one may be a part of it.
        return Set(spellings).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// The beginning of a body that is shown, without tokens and without secrets that are known.
    package static func excerpt(of body: Data, without secrets: [Secret]) -> String {
        // What is shown is cut at the end, when the secrets are gone: half of one would not be found.
        let text = Self.removingTokens(from: String(decoding: body.prefix(65_536), as: UTF8.self))
        return String(secrets.reduce(text) { Self.removing($1.value, from: $0) }.prefix(2_000))
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
