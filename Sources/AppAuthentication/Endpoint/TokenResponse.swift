import Foundation
import OAuthWire

/// The JSON in which every source hands out a token: the identity endpoints, the token endpoint and the developer tools.
struct TokenResponse: Sendable {
    /// The value of `access_token` of the endpoints, of `accessToken` of the Azure CLI, or of `token` of `azd`.
    let accessToken: Secret?
    /// What gets the next token without another sign-in.
    let refreshToken: Secret?
    let resource: String?
    let tokenType: String?
    /// The tenant that the Azure CLI says the token is from.
    let tenantID: String?
    /// The identity that an identity endpoint says the token is for.
    let clientID: String?
    let objectID: String?
    let identityResourceID: String?
    private let expiry: TokenExpiry

    /// Reads an answer.
    ///
    /// - Throws: ``TokenFormatError`` when it is not a JSON object.
    init(_ body: Data) throws(TokenFormatError) {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: body) else {
            throw .notAnObject
        }
        self.accessToken = [fields.accessToken, fields.accessTokenCamelCase, fields.token]
            .compactMap { $0?.text?.trimmed }.first { !$0.isEmpty }.map(Secret.init)
        self.refreshToken = fields.refreshToken?.text.map(Secret.init)
        self.resource = fields.resource?.text
        self.tokenType = fields.tokenType?.text ?? fields.tokenTypeCamelCase?.text
        self.tenantID = fields.tenant?.text
        self.clientID = fields.clientID?.text
        self.objectID = fields.objectID?.text
        self.identityResourceID = fields.olderIdentityResourceID?.text ?? fields.identityResourceID?.text
        self.expiry = TokenExpiry(
            moments: [fields.expiresOn?.text, fields.expiresOnCamelCase?.text].compactMap { $0 },
            remaining: fields.expiresIn?.text ?? fields.expiresInCamelCase?.text
        )
    }

    /// A token that came without JSON around it.
    init(accessToken: String, expiresOn: String?) {
        self.accessToken = accessToken.trimmed.isEmpty ? nil : Secret(accessToken.trimmed)
        self.refreshToken = nil
        self.resource = nil
        self.tokenType = nil
        self.tenantID = nil
        self.clientID = nil
        self.objectID = nil
        self.identityResourceID = nil
        self.expiry = TokenExpiry(moments: [expiresOn].compactMap { $0 })
    }

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
        // It becomes the value of a header.
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .notAToken }
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

    private struct Fields: Decodable {
        let accessToken: JSONText?
        let accessTokenCamelCase: JSONText?
        let token: JSONText?
        let refreshToken: JSONText?
        let expiresOn: JSONText?
        let expiresOnCamelCase: JSONText?
        let expiresIn: JSONText?
        let expiresInCamelCase: JSONText?
        let resource: JSONText?
        let tokenType: JSONText?
        let tokenTypeCamelCase: JSONText?
        let tenant: JSONText?
        let clientID: JSONText?
        let objectID: JSONText?
        let identityResourceID: JSONText?
        let olderIdentityResourceID: JSONText?

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case accessTokenCamelCase = "accessToken"
            case refreshToken = "refresh_token"
            case expiresOn = "expires_on"
            case expiresOnCamelCase = "expiresOn"
            case expiresIn = "expires_in"
            case expiresInCamelCase = "expiresIn"
            case resource, tenant, token
            case tokenType = "token_type"
            case tokenTypeCamelCase = "tokenType"
            case clientID = "client_id"
            case objectID = "object_id"
            case identityResourceID = "mi_res_id"
            case olderIdentityResourceID = "msi_res_id"
        }
    }
}
