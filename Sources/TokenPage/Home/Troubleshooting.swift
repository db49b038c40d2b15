/// The headings of the troubleshooting page that the program itself points to, and the links to them.
package struct Troubleshooting: Sendable, Equatable {
    /// One heading; the raw value is its anchor.
    package enum Heading: String, Sendable, CaseIterable {
        case identityTimeout = "identity-timeout"
        case vaultUnreachable = "vault-unreachable"
        case vaultTimeout = "vault-timeout"
        case vaultRefused = "vault-refused"
        case accessDenied = "access-denied"
        case settings
    }

    /// Where the page stands: a path on this server, or a full address.
    package let page: String

    package init(page: String) {
        self.page = page
    }

    package func link(to anchor: String) -> String {
        "\(self.page)#\(anchor)"
    }
}
