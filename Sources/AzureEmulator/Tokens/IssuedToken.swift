/// A signed token and the times that its receiver is told.
struct IssuedToken: Sendable {
    let token: Secret
    /// Seconds since 1970.
    let notBefore: Int
    /// In seconds.
    let lifetime: Int

    /// Seconds since 1970.
    var expiresOn: Int { self.notBefore + self.lifetime }
}
