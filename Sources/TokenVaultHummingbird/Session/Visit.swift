/// One request, with what its browser brought.
struct Visit: Sendable {
    let site: SiteAddress
    let cookie: SessionCookie
    /// Nil for a browser that brings none.
    let session: Session?
    /// Whom the application names; nil where it does not.
    let person: String?
}
