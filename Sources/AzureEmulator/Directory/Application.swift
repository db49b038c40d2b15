/// An application, which proves itself with a client secret or with a certificate.
struct Application: Sendable {
    let identity: Identity
    /// Nil when the secret is to be generated.
    let secret: Secret?
    /// Nil when a certificate is to be generated, with its key.
    let certificate: RegisteredCertificate?
}
