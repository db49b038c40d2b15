/// The place of a sealed value.
///
/// It is authenticated with the value, so that a value that was moved to another row, or
/// replaced by an older one under a newer version number, does not open.
struct SealedField: Sendable, Hashable {
    enum Kind: String, Sendable {
        case accessToken
    }

    let service: String
    let token: String
    let kind: Kind
    /// Grows with every change of the credential.
    let version: Int64
}
