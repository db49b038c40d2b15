/// What becomes of a refresh token when it is used, as real providers differ in it.
enum RotationKind: Sendable, Hashable {
    /// It stays valid and no other is issued: Google, Dropbox.
    case none
    /// It is replaced, and still accepted for these seconds after that: Okta.
    case grace(seconds: Int)
    /// It is replaced, and still accepted until the new one is used for the first time: Cloudflare.
    case previousUntilUsed
    /// It is replaced, and using it again revokes everything that was granted with it: Auth0, Airtable.
    case strict

    /// Reads the name of a kind, as a setting has it.
    init?(name: String, graceSeconds: Int) {
        switch name {
        case "none": self = .none
        case "grace": self = .grace(seconds: graceSeconds)
        case "previous-until-used": self = .previousUntilUsed
        case "strict": self = .strict
        default: return nil
        }
    }
}
