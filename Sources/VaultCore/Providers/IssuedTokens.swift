package import Foundation
package import OAuthWire

/// What a token endpoint issued.
package struct IssuedTokens: Sendable, Hashable {
    package var accessToken: Secret
    /// Nil when the answer had none, which means to keep the one before.
    package var refreshToken: Secret?
    package var idToken: Secret?
    package var expiresOn: Date?
    package var refreshExpiresOn: Date?
    /// Nil when the answer did not say, which means what was asked for.
    package var scopes: [String]?
    /// What the row keeps of the answer, by the paths that it names.
    package var kept: [String: String] = [:]
    /// Whose account it is, as far as this answer says.
    package var account = AccountIdentity()

    package init(accessToken: Secret, refreshToken: Secret? = nil, expiresOn: Date? = nil) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresOn = expiresOn
    }
}
