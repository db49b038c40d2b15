import Foundation
import VaultCore

/// A token, as scripts get it; nothing of what is in it.
struct TokenReport: Encodable {
    let service: String
    let name: String
    let displayName: String
    /// `Ok` or `Error`, as in the API.
    let state: String
    /// The code of the error; nil when the state is `Ok`.
    let reason: String?
    let message: String?
    /// What an administrator can do about it.
    let remedy: String?
    /// Whose token it is, as far as the provider says so.
    let account: String?
    let accountSubject: String?
    let expiresOn: Date?
    /// In words.
    let nextRenewal: String
    /// When the vault renews it by itself at the latest; nil when it does not, or waits for something else.
    let nextRenewalOn: Date?
    let authorizedPostRedirectUrls: [String]
    let createdOn: Date

    init(_ token: StoredToken, renewal: NextRenewal, at now: Date) {
        let problem = token.state(at: now)
        self.service = token.service
        self.name = token.name
        self.displayName = token.displayName
        self.state = problem == nil ? "Ok" : "Error"
        self.reason = problem?.rawValue
        self.message = problem.map { problem in
            guard problem == .unauthenticated, let expired = token.credential?.expiresOn else { return problem.message }
            return "The stored access token expired at \(expired.formatted(.iso8601))."
        }
        self.remedy = problem.map { TokenRemedy.text(of: $0, token: token) }
        self.account = token.account.map { $0.label.isEmpty ? $0.subject : $0.label }
        self.accountSubject = token.account?.subject
        self.expiresOn = token.credential?.expiresOn
        self.nextRenewal = renewal.text
        self.nextRenewalOn = renewal.date
        self.authorizedPostRedirectUrls = token.returnURLs
        self.createdOn = token.createdOn
    }
}
