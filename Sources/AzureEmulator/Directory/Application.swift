/// An application that proves itself with a client secret.
struct Application: Sendable {
    let identity: Identity
    /// Nil when the secret is to be generated.
    let secret: Secret?
}
