import Foundation
import OAuthWire

/// The JSON in which every source hands out a token: the identity endpoints, the token endpoint and the Azure CLI.
struct TokenResponse: Sendable {
    /// The value of `access_token`, as the endpoints write it.
    let accessToken: Secret?
    /// The value of `accessToken`, as the Azure CLI writes it.
    let accessTokenCamelCase: Secret?
    /// What gets the next token without another sign-in.
    let refreshToken: Secret?
    let resource: String?
    let tokenType: String?
    /// The identity that an identity endpoint says the token is for.
    let clientID: String?
    let objectID: String?
    let identityResourceID: String?
    private let expiresOnText: String?
    private let expiresInText: String?

    /// Reads an answer.
    ///
    /// - Throws: ``TokenFormatError`` when it is not a JSON object.
    init(_ body: Data) throws(TokenFormatError) {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: body) else {
            throw .notAnObject
        }
        self.accessToken = fields.accessToken?.text.map(Secret.init)
        self.accessTokenCamelCase = fields.accessTokenCamelCase?.text.map(Secret.init)
        self.refreshToken = fields.refreshToken?.text.map(Secret.init)
        self.resource = fields.resource?.text
        self.tokenType = fields.tokenType?.text ?? fields.tokenTypeCamelCase?.text
        self.clientID = fields.clientID?.text
        self.objectID = fields.objectID?.text
        self.identityResourceID = fields.olderIdentityResourceID?.text ?? fields.identityResourceID?.text
        self.expiresOnText = fields.expiresOn?.text ?? fields.expiresOnCamelCase?.text
        self.expiresInText = fields.expiresIn?.text
    }

    /// When the token expires.
    ///
    /// The moment counts; the remaining time, in seconds, is used by sources that give nothing else.
    ///
    /// - Throws: ``TokenFormatError`` when the answer says neither in a form that is known.
    func expiry(now: Date, timeZone: TimeZone = .current) throws(TokenFormatError) -> Date {
        if let expiresOnText {
            if let expiry = ExpiryText.date(from: expiresOnText, timeZone: timeZone) { return expiry }
        } else if let seconds = self.expiresInText.flatMap({ Double($0.trimmed) }), seconds.isFinite {
            return now.addingTimeInterval(seconds)
        }
        throw .noExpiry
    }

    /// The token as an access token.
    ///
    /// - Throws: ``TokenFormatError`` when there is no token or no expiry.
    func accessToken(
        principal: Principal,
        now: Date,
        timeZone: TimeZone = .current
    ) throws(TokenFormatError) -> AccessToken {
        guard let token = self.accessToken ?? self.accessTokenCamelCase, !token.value.isEmpty else {
            throw TokenFormatError(CredentialMessage.nullValue("accessToken"))
        }
        return AccessToken(
            token: token.value,
            expiresOn: try self.expiry(now: now, timeZone: timeZone),
            principal: principal,
            resource: self.resource,
            tokenType: self.tokenType
        )
    }

    private struct Fields: Decodable {
        let accessToken: Field?
        let accessTokenCamelCase: Field?
        let refreshToken: Field?
        let expiresOn: Field?
        let expiresOnCamelCase: Field?
        let expiresIn: Field?
        let resource: Field?
        let tokenType: Field?
        let tokenTypeCamelCase: Field?
        let clientID: Field?
        let objectID: Field?
        let identityResourceID: Field?
        let olderIdentityResourceID: Field?

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case accessTokenCamelCase = "accessToken"
            case refreshToken = "refresh_token"
            case expiresOn = "expires_on"
            case expiresOnCamelCase = "expiresOn"
            case expiresIn = "expires_in"
            case resource
            case tokenType = "token_type"
            case tokenTypeCamelCase = "tokenType"
            case clientID = "client_id"
            case objectID = "object_id"
            case identityResourceID = "mi_res_id"
            case olderIdentityResourceID = "msi_res_id"
        }
    }

    /// A text, or a number, which some sources write where others write a text.
    ///
    /// Anything else counts as absent.
    private struct Field: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.text = text
            } else if let number = try? container.decode(Int64.self) {
                self.text = String(number)
            } else {
                self.text = (try? container.decode(Double.self)).map { String($0) }
            }
        }
    }
}
