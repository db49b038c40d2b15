import Foundation
import TokenVaultClient

/// What a credential helper tells git.
struct GitCredentialAnswer: Sendable {
    /// git is to ask nobody else, a person neither.
    static let quit = "quit=1"
    /// GitHub, GitLab and others take any name beside a token; this is the one that GitHub's own documents have.
    static let standardUsername = "x-access-token"

    let text: String

    init(username: String, token: VaultToken, now: Date = Date()) {
        var lines = ["username=\(username)", "password=\(token.accessToken)"]
        // For helpers that keep what others gave; a git that is too old to know the key ignores it.
        if let expiry = token.expiry?.date(receivedAt: now) {
            lines.append("password_expiry_utc=\(Int(min(max(0, expiry.timeIntervalSince1970), 1e15)))")
        }
        self.text = lines.joined(separator: "\n")
    }
}
