import HTTPTypes

/// The cookie that holds the ``Session`` of a browser.
struct SessionCookie: Sendable {
    let name: String
    private let isSecure: Bool
    private let key: SessionKey
    /// Whether a browser keeps it when it is closed, since a token hangs on it.
    private let isKept: Bool

    /// The longest that browsers keep one.
    private static let keptSeconds = 400 * 86_400

    init(name: String, site: SiteAddress, key: SessionKey, isKept: Bool) {
        self.isSecure = site.isSecure
        // No other host, and no page without TLS, can set one with the first name, and browsers send it over https alone.
        // Without TLS all ports of a host have their cookies in common.
        self.name = site.isSecure ? "__Host-\(name)" : "\(name)_\(site.port)"
        self.key = key
        self.isKept = isKept
    }

    /// Lax: it is sent when the vault, which is another site, leads the browser back; and with no form of another site.
    func header(_ session: Session) -> String {
        "\(self.name)=\(session.text(name: self.name, key: self.key)); Path=/; HttpOnly; SameSite=Lax"
            + (self.isKept ? "; Max-Age=\(Self.keptSeconds)" : "") + (self.isSecure ? "; Secure" : "")
    }

    /// The session that a browser brings; nil for none, and for one that somebody else has made.
    func session(in headers: HTTPFields) -> Session? {
        for header in headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == self.name else { continue }
                if let session = Session(parts[1], name: self.name, key: self.key) { return session }
            }
        }
        return nil
    }
}
