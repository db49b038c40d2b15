/// What is taken out of texts that come from elsewhere before they are shown.
enum Redaction {
    /// What stands where a secret stood, as in AppAuthentication for .NET.
    static let mark = "<<Redacted>>"

    /// The text without a secret that is known.
    static func removing(_ secret: String, from text: String) -> String {
        secret.isEmpty ? text : text.replacing(secret, with: Self.mark)
    }

    /// The text without anything that looks like a token: values of JSON fields that hold one, and JWTs.
    static func removingTokens(from text: String) -> String {
        let field = /(?<name>["'](?i:access_?token|refresh_?token|id_?token|client_secret)["']\s*:\s*)["'][^"']*["']?/
        // A JWT begins with a JSON object: {" or, with a space in between, { " are eyJ and eyA in base64url.
        let jwt = /ey[JA][A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]*)?/
        return
            text
            .replacing(field) { "\($0.output.name)\"\(Self.mark)\"" }
            .replacing(jwt, with: Self.mark)
    }
}
