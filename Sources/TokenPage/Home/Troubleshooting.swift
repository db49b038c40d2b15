/// The headings of the troubleshooting page that the program itself points to, and the links to them.
struct Troubleshooting: Sendable, Equatable {
    /// One heading; the raw value is its anchor.
    enum Heading: String, Sendable, CaseIterable {
        case identityTimeout = "identity-timeout"
        case vaultUnreachable = "vault-unreachable"
        case vaultTimeout = "vault-timeout"
        case vaultRefused = "vault-refused"
        case accessDenied = "access-denied"
        case logIn = "log-in"
        case settings
    }

    /// Where the page stands: a path on this server, or a full address.
    let page: String

    func link(to anchor: String) -> String {
        "\(self.page)#\(anchor)"
    }
}
