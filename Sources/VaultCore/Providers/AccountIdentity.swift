/// Whose account a grant is for, as far as the provider says.
package struct AccountIdentity: Sendable, Hashable {
    /// The provider's own identifier, which stays when a name or an address changes.
    package var subject: String?
    package var email: String?
    package var login: String?

    package init(subject: String? = nil, email: String? = nil, login: String? = nil) {
        self.subject = subject
        self.email = email
        self.login = login
    }

    package var isUnknown: Bool { self.subject == nil && self.email == nil && self.login == nil }

    /// What is said here, and elsewhere where nothing is said here.
    package func completed(by other: AccountIdentity) -> AccountIdentity {
        AccountIdentity(
            subject: self.subject ?? other.subject,
            email: self.email ?? other.email,
            login: self.login ?? other.login
        )
    }

    /// Reads `subject`, `email` and `login` at the paths that a row gives them.
    init(_ answer: JSONValue, paths: [String: String]) {
        func text(_ field: String) -> String? {
            paths[field].flatMap { answer[path: $0]?.text }.flatMap { $0.isEmpty || $0.count > 512 ? nil : $0 }
        }
        self.init(subject: text("subject"), email: text("email"), login: text("login"))
    }
}
