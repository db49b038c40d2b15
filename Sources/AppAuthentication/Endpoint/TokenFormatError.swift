/// Why there is no token in an answer.
///
/// Its text shows nothing of the answer.
struct TokenFormatError: Error, Sendable, Hashable {
    let message: String

    init(_ message: String) {
        self.message = message
    }

    static let notAnObject = Self(
        "Token response is not in the expected format. Exception Message: The text is not a JSON object."
    )

    static let noToken = Self(CredentialMessage.nullValue("accessToken"))

    static let notAToken = Self(
        "Access token is not in the expected format. It has characters that no token has, such as spaces."
    )
}
