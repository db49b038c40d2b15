/// The place of a sealed value.
///
/// It is authenticated with the value, so that a value that was moved to another row, or replaced by an older one under a
/// newer version number, does not open; nor does one whose neighbors in ``binding`` were changed.
package struct SealedField: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case accessToken
        case refreshToken
        /// What else a provider gave that has to be kept.
        case extraValues
        case clientSecret
        /// What the entries of the audit are chained with.
        case auditKey
        /// What a login keeps between its two requests.
        case loginSecrets
        /// A credential that waits for `save`.
        case pendingCredential
        /// An answer of a provider, as it came.
        case rawAnswer
        /// The same, with whose it is, while the store cannot take it.
        case journaledAnswer
        /// Nothing but the version: that of a token's latest credential.
        case latestVersion
    }

    package let service: String
    package let token: String
    package let kind: Kind
    /// A number of the store that is given out once.
    package let version: Int64
    /// What lies beside the value in the clear, and must not be changed without it.
    package let binding: [String]

    package init(service: String, token: String = "", kind: Kind, version: Int64, binding: [String] = []) {
        self.service = service
        self.token = token
        self.kind = kind
        self.version = version
        self.binding = binding
    }
}
