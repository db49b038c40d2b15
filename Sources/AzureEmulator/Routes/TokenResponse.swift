import Hummingbird

/// What the token endpoint answers with (RFC 6749 section 5.1): numbers as text in version 1.0, as numbers in 2.0.
///
/// The Instance Metadata Service answers with that of version 1.0, and says which identity it is for.
enum TokenResponse {
    private struct V1: Encodable {
        let accessToken: Secret
        let clientID: String?
        let expiresIn: String
        let expiresOn: String
        let extendedExpiresIn: String
        let notBefore: String
        let resource: String
        let tokenType = "Bearer"

        init(_ issued: IssuedToken, resource: String, clientID: String? = nil) {
            self.accessToken = issued.token
            self.clientID = clientID
            self.expiresIn = String(issued.lifetime)
            self.expiresOn = String(issued.expiresOn)
            self.extendedExpiresIn = String(issued.lifetime)
            self.notBefore = String(issued.notBefore)
            self.resource = resource
        }

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case clientID = "client_id"
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

    /// The answer for a managed identity of a virtual machine.
    static func metadata(_ issued: IssuedToken, resource: String, clientID: String) throws -> Response {
        try .json(V1(issued, resource: resource, clientID: clientID))
    }

    static func response(_ issued: IssuedToken, version: Authority.Version, resource: String) throws -> Response {
        switch version {
        case .v1: try .json(V1(issued, resource: resource))
        case .v2:
            try .json(
                V2(accessToken: issued.token, expiresIn: issued.lifetime, extendedExpiresIn: issued.lifetime)
            )
        }
    }
}
