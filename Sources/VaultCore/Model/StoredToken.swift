package import Foundation

/// A token as it is stored, its credential still sealed.
package struct StoredToken: Sendable, Hashable {
    package let service: String
    package let name: String
    package let displayName: String
    /// Where a browser may go after a login, beside what the service and the store allow.
    package let returnURLs: [String]
    /// What is wrong with it beyond a missing credential; nil when nothing is.
    package let problem: TokenProblem?
    /// Nil as long as nobody logged in, or the provider does not say.
    package let account: Account?
    package let createdOn: Date
    /// When somebody logged in for it; nil for a credential that came another way.
    package let loggedInOn: Date?
    package let credential: SealedCredential?
    /// Whether another store may use the same grant, since it was exported or the store is a copy.
    package let isShared: Bool

    package init(
        service: String,
        name: String,
        displayName: String,
        returnURLs: [String] = [],
        problem: TokenProblem? = nil,
        account: Account? = nil,
        createdOn: Date,
        loggedInOn: Date? = nil,
        credential: SealedCredential?,
        isShared: Bool = false
    ) {
        self.service = service
        self.name = name
        self.displayName = displayName
        self.returnURLs = returnURLs
        self.problem = problem
        self.account = account
        self.createdOn = createdOn
        self.loggedInOn = loggedInOn
        self.credential = credential
        self.isShared = isShared
    }

    /// The state that the API shows; nil for `Ok`.
    package func state(at now: Date) -> TokenProblem? {
        if let problem = self.problem {
            return problem
        }
        guard let credential = self.credential, !credential.isExpired(at: now) else {
            return .unauthenticated
        }
        return nil
    }
}
