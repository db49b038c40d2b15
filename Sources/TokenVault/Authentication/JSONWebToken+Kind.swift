/// The claims by which an access token and an ID token of one issuer, for one audience, are told apart.
enum KindClaim: String, CodingKey, CaseIterable {
    /// What a person let the client do; Entra puts it into every access token that stands for a person.
    case scp
    /// Whether the token stands for a person or a program; optional.
    case idtyp
    /// The client, in an access token of version 1.0.
    case appid
    /// The client, in an access token of version 2.0; in OpenID Connect at large also in an ID token.
    case azp
    /// The client, in an access token of RFC 9068.
    case clientID = "client_id"
    /// What the client sent along to recognize its ID token by.
    case nonce
    /// The digest of the access token that was issued beside an ID token.
    case accessTokenHash = "at_hash"
    /// The digest of the authorization code that was issued beside an ID token.
    case codeHash = "c_hash"
}

extension JSONWebToken {
    /// Whether the token was issued to call an API with, and not to tell a client who signed in (RFC 8725 section 3.11).
    ///
    /// Entra marks neither kind in the header. The access token of a managed identity has no `scp`, has `roles` only
    /// where an administrator granted an application role, and has `idtyp` only where the API asked for it; and an ID
    /// token may have `roles`. What every access token names and no ID token of Entra does is the client: `appid`, `azp`.
    var isAccessToken: Bool {
        switch self.header.typ?.lowercased() {
        case "at+jwt", "application/at+jwt": return true
        default: break
        }
        let kind = self.claims.kind
        guard kind.isDisjoint(with: [.scp, .idtyp]) else {
            return true
        }
        return !kind.isDisjoint(with: [.appid, .azp, .clientID])
            && kind.isDisjoint(with: [.nonce, .accessTokenHash, .codeHash])
    }
}
