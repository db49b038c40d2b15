import Foundation
import JWTKit

/// The payload of an access token, with the claims that Entra ID puts into one for an application.
struct AccessTokenClaims: JWTPayload {
    var audience: String
    var issuer: String
    var issuedAt: Int
    var notBefore: Int
    var expiration: Int
    var tenantID: String
    var objectID: String
    var subject: String
    var identityType: String
    /// The client id in a token of version 1.0.
    var applicationID: String?
    /// The client id in a token of version 2.0.
    var authorizedParty: String?
    /// The Azure resource that a managed identity belongs to.
    var managedIdentityResourceID: String?
    var version: String

    enum CodingKeys: String, CodingKey {
        case audience = "aud"
        case issuer = "iss"
        case issuedAt = "iat"
        case notBefore = "nbf"
        case expiration = "exp"
        case tenantID = "tid"
        case objectID = "oid"
        case subject = "sub"
        case identityType = "idtyp"
        case applicationID = "appid"
        case authorizedParty = "azp"
        case managedIdentityResourceID = "xms_mirid"
        case version = "ver"
    }

    func verify(using algorithm: some JWTAlgorithm) throws {
        try ExpirationClaim(value: Date(timeIntervalSince1970: Double(self.expiration))).verifyNotExpired()
    }
}
