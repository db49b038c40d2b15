/// Whether a code may be redeemed for a token, and what the token has then.
package struct CodeRules: Sendable {
    private let token: StoredToken
    private let account: Account?

    /// - Parameters:
    ///   - token: The token, as it is before.
    ///   - account: Who logged in; nil where the provider did not say.
    package init(token: StoredToken, account: Account?) {
        self.token = token
        self.account = account
    }

    /// Why the code stays where it is, for another try; nil when it is to be taken.
    package func refusal(allowsAccountChange: Bool) -> CodeRedemption? {
        guard let present = self.token.account, present.subject != self.account?.subject, !allowsAccountChange else {
            return nil
        }
        return .otherAccount(present: present, new: self.account)
    }

    /// What the token has from then on.
    ///
    /// - Parameters:
    ///   - new: What the login gave.
    ///   - configurationHash: Of the service as it is; nil when it is gone.
    ///   - open: Opens the credential of before; nil for one that does not open.
    /// - Returns: Nil when the service was pointed elsewhere since the login.
    package func credential(
        from new: Credential,
        configurationHash: String?,
        open: (SealedCredential) -> Credential?
    ) -> Credential? {
        guard new.configurationHash == configurationHash else { return nil }
        // Google, for one, gives a refresh token at the first consent alone. One that another store uses by now is not kept.
        guard
            new.refreshToken == nil, let present = self.token.account, present.subject == self.account?.subject,
            self.token.problem != .restored, self.token.problem != .exported,
            let old = self.token.credential.flatMap(open), old.configurationHash == new.configurationHash
        else { return new }
        return new.keepingRefreshToken(of: old)
    }

    /// What whoever waits for messages is told; nothing of the first login of a token.
    package func event(of redemption: CodeRedemption) -> WebhookEvent? {
        guard case .saved = redemption, self.token.credential != nil else { return nil }
        return WebhookEvent(.reauthenticated, service: self.token.service, token: self.token.name)
    }
}
