import JWTKit

/// A public key that an issuer publishes, and the issuer whose tokens it signs.
struct PublishedKey: Sendable {
    /// What Entra writes in the place of the tenant, in keys that sign for all of them.
    private static let tenantPlaceholder = "{tenantid}"

    let algorithm: any JWTAlgorithm
    /// Entra's extension of RFC 7517; nil for a key that signs whatever the key set is for.
    let issuer: String?
    /// Which fetch of the issuer's keys it came with.
    var generation = 0

    /// Whether a token with these claims may be signed with this key.
    ///
    /// Entra's key sets hold keys of other issuers too, such as the one of personal accounts. They name the issuer in the
    /// form of version 2.0, also where the token is of version 1.0: then the tenant has to be the same.
    func maySign(for claims: JSONWebToken.Claims) -> Bool {
        guard let issuer = self.issuer?.replacing(Self.tenantPlaceholder, with: claims.tid ?? "") else {
            return true
        }
        if IssuerURL.withoutTrailingSlash(issuer) == IssuerURL.withoutTrailingSlash(claims.iss) {
            return true
        }
        let tenantID = IssuerURL.tenantID(in: issuer)
        return tenantID != nil && tenantID == IssuerURL.tenantID(in: claims.iss)
    }
}
