package import Foundation

/// The JSON in which tokens are handed out: by a token endpoint (RFC 6749 section 5.1), and by whatever takes after one.
///
/// Names are those of the standard, or the same in camel case, as programs print them; values are texts or numbers.
package struct TokenResponse: Sendable {
    package let accessToken: Secret?
    /// What gets the next token without another sign-in.
    package let refreshToken: Secret?
    package let tokenType: String?
    /// What the answer says about the end of the token.
    package let expiry: TokenExpiry
    /// All fields, since any may be a secret.
    private let fields: [String: Secret]

    /// Reads an answer; nil when it is not a JSON object.
    package init?(_ body: Data) {
        guard let texts = try? JSONDecoder().decode([String: JSONText].self, from: body) else { return nil }
        self.init(fields: texts.compactMapValues { $0.text })
    }

    /// A token that came without JSON around it.
    package init(accessToken: String, expiresOn: String?) {
        var fields = ["access_token": accessToken]
        fields["expires_on"] = expiresOn
        self.init(fields: fields)
    }

    private init(fields: [String: String]) {
        self.accessToken = ["access_token", "accessToken", "token"]
            .compactMap { fields[$0]?.trimmingCharacters(in: .whitespacesAndNewlines) }
            .first { !$0.isEmpty }.map(Secret.init)
        self.refreshToken = fields["refresh_token"].map(Secret.init)
        self.tokenType = fields["token_type"] ?? fields["tokenType"]
        self.expiry = TokenExpiry(
            moments: [fields["expires_on"], fields["expiresOn"]].compactMap { $0 },
            remaining: fields["expires_in"] ?? fields["expiresIn"]
        )
        self.fields = fields.mapValues(Secret.init)
    }

    /// A field that is no secret.
    package subscript(name: String) -> String? { self.fields[name]?.value }
}
