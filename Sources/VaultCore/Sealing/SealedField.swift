/// The place of a sealed value.
///
/// It is authenticated with the value, so that a value that was moved to another row, or
/// replaced by an older one under a newer version number, does not open.
package struct SealedField: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case accessToken
    }

    package let service: String
    package let token: String
    package let kind: Kind
    /// Grows with every change of the credential.
    package let version: Int64

    package init(service: String, token: String, kind: Kind, version: Int64) {
        self.service = service
        self.token = token
        self.kind = kind
        self.version = version
    }
}
