/// The two versions of WS-Trust that federation services speak, with the names that each has for the same things.
enum TrustVersion: Sendable, Hashable, CaseIterable {
    /// WS-Trust 1.3, the OASIS standard.
    case v13
    /// WS-Trust of February 2005, the one that AD FS has switched on by default for Kerberos.
    case v2005

    var namespace: String {
        switch self {
        case .v13: "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
        case .v2005: "http://schemas.xmlsoap.org/ws/2005/02/trust"
        }
    }

    /// The action of a request for a token, in the SOAP header and in the HTTP header.
    var issueAction: String { "\(self.namespace)/RST/Issue" }

    /// The type of a request for a new token.
    var issueRequest: String { "\(self.namespace)/Issue" }

    /// The type of a key that need not be proved.
    var bearerKey: String {
        switch self {
        case .v13: "\(self.namespace)/Bearer"
        case .v2005: "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey"
        }
    }
}
