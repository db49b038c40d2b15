/// A credential that can be asked for but has no way to a token here: it says so when a token is wanted.
struct UnavailableCredential: TokenCredential {
    let name: String
    let troubleshooting: String
    let reason: String

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        throw CredentialFailure(self.reason)
    }
}
