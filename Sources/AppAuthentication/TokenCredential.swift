public import Foundation

/// A way to get an access token.
///
/// The library's own credentials are such, and so is any type of yours: give one to
/// ``AzureServiceTokenProvider/init(credential:options:)``, or several to a ``ChainedTokenCredential``. A credential keeps no
/// token: that is the work of the provider's cache.
public protocol TokenCredential: Sendable {
    /// The name for people, as in `Managed identity`.
    var name: String { get }

    /// The anchor of the heading in TROUBLESHOOTING.md that helps when this credential fails; empty where there is none.
    var troubleshooting: String { get }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when this credential has no token to give, so that a chain goes on with the next;
    ///   `CancellationError` when the task was cancelled, which is never a failure of the credential. Anything else ends a
    ///   chain at once.
    func token(for context: TokenRequestContext) async throws -> AccessToken
}

extension TokenCredential {
    /// No heading.
    public var troubleshooting: String { "" }
}

/// Why a credential gave no token, in the words of AppAuthentication for .NET and free of secrets.
public struct CredentialFailure: Error, Sendable, Hashable {
    /// The reason, in a sentence or more.
    public let reason: String

    /// The authority that was asked, where the credential chose it itself.
    public let authority: String?

    /// Says why there is no token.
    ///
    /// - Parameters:
    ///   - reason: A sentence for people; it ends up in logs, so it holds no secret.
    ///   - authority: The authority that was asked, where the credential chose it itself.
    public init(_ reason: String, authority: String? = nil) {
        self.reason = reason
        self.authority = authority
    }
}

extension CredentialFailure: CustomStringConvertible, LocalizedError {
    /// The reason.
    public var description: String { self.reason }

    /// The reason.
    public var errorDescription: String? { self.reason }
}
