/// The public keys by which tokens are verified (RFC 7517 section 5).
struct KeySet: Encodable {
    struct Key: Encodable {
        let type = "RSA"
        let use = "sig"
        let algorithm = "RS256"
        let identifier: String
        let modulus: String
        let exponent: String

        enum CodingKeys: String, CodingKey {
            case type = "kty"
            case use
            case algorithm = "alg"
            case identifier = "kid"
            case modulus = "n"
            case exponent = "e"
        }
    }

    let keys: [Key]

    init(signingKey: SigningKey) {
        self.keys = [
            Key(identifier: signingKey.identifier, modulus: signingKey.modulus, exponent: signingKey.exponent)
        ]
    }
}
