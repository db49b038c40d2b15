import Logging

/// What a token that was refused says of itself, for the log: anybody may have written it.
struct UnverifiedClaims: Sendable, Hashable {
    /// Nobody's issuer, audience or tenant is longer than this.
    private static let limit = 200

    let issuer: String
    let audience: String
    let tenant: String

    /// Reads the claims in an `Authorization` header; nil when there is no token in it that can be taken apart.
    init?(authorization: String?) {
        guard
            let authorization, authorization.utf8.count <= BearerAuthenticator.maxTokenBytes + 16,
            let compact = authorization.split(separator: " ").last, let token = JSONWebToken(compact: compact)
        else {
            return nil
        }
        self.issuer = Self.shown(token.claims.iss)
        self.audience = Self.shown(token.claims.aud.values.joined(separator: ", "))
        self.tenant = Self.shown(token.claims.tid ?? "none")
    }

    var metadata: Logger.Metadata {
        [
            "unverified_issuer": "\(self.issuer)",
            "unverified_audience": "\(self.audience)",
            "unverified_tenant": "\(self.tenant)",
        ]
    }

    /// On one line and cut.
    private static func shown(_ text: String) -> String {
        String(text.unicodeScalars.prefix(self.limit).map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" })
    }
}
