/// What a client asks a person for (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
struct AuthorizationRequest: Sendable, Hashable {
    let clientID: String
    let redirectURI: String
    let scope: String
    let state: String?
    /// The SHA-256 of the verifier that the client will send with the code.
    let codeChallenge: String
}
