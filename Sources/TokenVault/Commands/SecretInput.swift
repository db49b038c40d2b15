/// A secret that a command needs: piped into it, or typed where it is not shown.
struct SecretInput: Sendable, Hashable {
    /// What it is, for whoever types it, such as `access token`.
    let name: String
    /// How many bytes of it there can be; more is no such secret.
    let limit: Int
    /// Whether it is made up just now, so that a slip of the finger would lock everything away: typed twice, then.
    var isNew = false
}
