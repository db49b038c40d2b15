/// Whose account a token is for, as far as the provider says so.
package struct Account: Sendable, Hashable, Codable {
    /// The provider's own id of the account.
    package let subject: String
    /// What a person knows it by: an e-mail address or a login name.
    package let label: String

    package init(subject: String, label: String = "") {
        self.subject = subject
        self.label = label
    }

    /// What a person knows it by, or else its id; on one line.
    package var shown: String { ProviderText.line(self.label.isEmpty ? self.subject : self.label) }
}
