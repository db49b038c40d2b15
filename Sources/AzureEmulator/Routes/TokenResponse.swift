import Hummingbird

/// What the token endpoint answers with (RFC 6749 section 5.1): numbers as text in version 1.0, as numbers in 2.0.
enum TokenResponse {
    private struct V1: Encodable {
        let accessToken: Secret
        let expiresIn: String
        let expiresOn: String
        let extendedExpiresIn: String
        let notBefore: String
        let resource: String
        let tokenType = "Bearer"

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case expiresIn = "expires_in"
            case expiresOn = "expires_on"
            case extendedExpiresIn = "ext_expires_in"
            case notBefore = "not_before"
            case resource
            case tokenType = "token_type"
        }
    }

    private struct V2: Encodable {
        let accessToken: Secret
        let expiresIn: Int
        let extendedExpiresIn: Int
        let tokenType = "Bearer"

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case expiresIn = "expires_in"
            case extendedExpiresIn = "ext_expires_in"
            case tokenType = "token_type"
        }
    }

    static func response(_ issued: IssuedToken, version: Authority.Version, resource: String) throws -> Response {
        switch version {
        case .v1:
            try .json(
                V1(
                    accessToken: issued.token,
                    expiresIn: String(issued.lifetime),
                    expiresOn: String(issued.expiresOn),
                    extendedExpiresIn: String(issued.lifetime),
                    notBefore: String(issued.notBefore),
                    resource: resource
                )
            )
        case .v2:
            try .json(
                V2(accessToken: issued.token, expiresIn: issued.lifetime, extendedExpiresIn: issued.lifetime)
            )
        }
    }
}
