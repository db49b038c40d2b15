import Foundation

/// The claims of an access token that say whose it is.
///
/// The signature is not looked at: the token came from its issuer, and the resource that it goes to will check it.
struct TokenClaims: Sendable, Hashable {
    let userPrincipalName: String?
    let tenantID: String?
    let email: String?
    let appID: String?
    let expiry: Date

    /// Reads the payload of a JWT.
    ///
    /// - Throws: ``TokenFormatError`` in the words of AppAuthentication for .NET.
    init(token: String?) throws(TokenFormatError) {
        guard let token, !token.isEmpty else { throw TokenFormatError(CredentialMessage.nullValue("accessToken")) }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1 else { throw .notAToken("Index was outside the bounds of the array.") }
        let payload = try Self.decodeBase64URL(parts[1])
        guard let claims = try? JSONDecoder().decode(Payload.self, from: payload) else {
            throw .notAToken("The payload is not a JSON object with the number 'exp'.")
        }
        self.userPrincipalName = claims.upn
        self.tenantID = claims.tid
        self.email = claims.email
        self.appID = claims.appid
        self.expiry = Date(timeIntervalSince1970: TimeInterval(claims.exp))
    }

    /// The name of a person: the sign-in name, or the mail address where there is none, as for guests.
    var userName: String? {
        self.userPrincipalName.flatMap { $0.isEmpty ? nil : $0 } ?? self.email
    }

    private struct Payload: Decodable {
        let upn: String?
        let tid: String?
        let email: String?
        let appid: String?
        let exp: Int64
    }

    private static func decodeBase64URL(_ text: Substring) throws(TokenFormatError) -> Data {
        guard text.utf8.count % 4 != 1 else { throw .notAToken("Illegal base64url string!") }
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: String(base64)) else {
            throw .notAToken("The payload has characters that base64url does not have.")
        }
        return data
    }
}

/// Why an answer with a token, or the token in it, cannot be used.
///
/// Its text shows neither.
struct TokenFormatError: Error, Sendable, Hashable {
    let message: String

    init(_ message: String) {
        self.message = message
    }

    static let notAnObject = Self(
        "Token response is not in the expected format. Exception Message: The text is not a JSON object."
    )

    static let noExpiry = Self("ExpiresOn in token response could not be parsed")

    static func notAToken(_ inner: String) -> Self {
        Self("Access token is not in the expected format. Exception: \(inner)")
    }
}
