import Foundation
import OAuthWire

/// What Microsoft's sources of tokens say besides: the identity endpoints, the token endpoint and the developer tools.
extension TokenResponse {
    /// Reads an answer.
    ///
    /// - Throws: ``TokenFormatError`` when it is not a JSON object.
    static func read(_ body: Data) throws(TokenFormatError) -> Self {
        guard let response = Self(body) else { throw .notAnObject }
        return response
    }

    var resource: String? { self["resource"] }
    /// The tenant that the Azure CLI says the token is from.
    var tenantID: String? { self["tenant"] }
    /// The identity that an identity endpoint says the token is for.
    var clientID: String? { self["client_id"] }
    var objectID: String? { self["object_id"] }
    var identityResourceID: String? { self["msi_res_id"] ?? self["mi_res_id"] }

    /// What the token says about its owner, and nothing where there is none.
    var claims: TokenClaims { TokenClaims(token: self.accessToken?.value ?? "") }

    /// The token as an access token.
    ///
    /// - Parameters:
    ///   - principal: Whose it is.
    ///   - now: The present time.
    ///   - zone: What a date without a time zone means in this answer.
    /// - Returns: The token with its expiry.
    /// - Throws: ``TokenFormatError`` when there is no token.
    func accessToken(
        principal: Principal,
        now: Date,
        zone: LocalTimeZone = .utc
    ) throws(TokenFormatError) -> AccessToken {
        guard let token = self.accessToken?.value else { throw .noToken }
        guard TokenSyntax.isToken(token) else { throw .notAToken }
        var expiry = self.expiry
        expiry.claimed = self.claims.expiry
        return AccessToken(
            token: token,
            expiresOn: expiry.date(now: now, zone: zone),
            principal: principal,
            resource: self.resource,
            tokenType: self.tokenType
        )
    }
}
