/// The claims by which an access token and an ID token of one issuer, for one audience, are told apart.
struct KindClaims: OptionSet, Sendable {
    let rawValue: UInt8

    /// What a person let the client do; Entra puts it into every access token that stands for a person.
    static let scp = Self(rawValue: 1 << 0)
    /// Whether the token stands for a person or a program; optional.
    static let idtyp = Self(rawValue: 1 << 1)
    /// The client, in an access token of version 1.0.
    static let appid = Self(rawValue: 1 << 2)
    /// The client, in an access token of version 2.0; in OpenID Connect at large also in an ID token.
    static let azp = Self(rawValue: 1 << 3)
    /// The client, in an access token of RFC 9068.
    static let clientID = Self(rawValue: 1 << 4)
    /// What the client sent along to recognize its ID token by.
    static let nonce = Self(rawValue: 1 << 5)
    /// The digest of the access token that was issued beside an ID token.
    static let accessTokenHash = Self(rawValue: 1 << 6)
    /// The digest of the authorization code that was issued beside an ID token.
    static let codeHash = Self(rawValue: 1 << 7)

    private static let names: [(name: String, claim: Self)] = [
        ("scp", .scp), ("idtyp", .idtyp), ("appid", .appid), ("azp", .azp), ("client_id", .clientID), ("nonce", .nonce),
        ("at_hash", .accessTokenHash), ("c_hash", .codeHash),
    ]
}

extension KindClaims {
    /// Takes whether a claim has a value, by its name.
    init(_ hasValue: (String) -> Bool) {
        self = Self.names.reduce(into: []) { if hasValue($1.name) { $0.insert($1.claim) } }
    }
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
