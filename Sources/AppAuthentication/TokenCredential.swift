/// A way to get an access token.
///
/// A credential keeps no token: that is the cache's work.
package protocol TokenCredential: Sendable {
    /// The name for people, as in `Managed identity`.
    var name: String { get }

    /// The anchor of the heading in TROUBLESHOOTING.md that helps when this credential fails.
    var troubleshooting: String { get }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when this credential has no token to give, `CancellationError` when the task
    ///   was cancelled, which is never a failure of the credential.
    func token(for context: TokenRequestContext) async throws -> AccessToken
}

/// Why a credential gave no token, in the words of AppAuthentication for .NET and free of secrets.
package struct CredentialFailure: Error, Sendable, Hashable {
    package let reason: String
    /// The authority that was asked, where the credential chose it itself.
    package let authority: String?

    package init(_ reason: String, authority: String? = nil) {
        self.reason = reason
        self.authority = authority
    }
}
