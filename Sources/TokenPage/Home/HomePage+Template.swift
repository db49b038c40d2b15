import Mustache
import TokenVaultClient

/// The names that `home.mustache` may use.
extension HomePage: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "title": self.title
        case "headline": self.headline
        case "lead": self.lead
        case "token": self.token
        case "principal": self.principalUsed
        case "error": self.failure.map { FailureView(failure: $0, troubleshooting: self.troubleshooting) }
        case "hasAttempts": !(self.failure?.attempts.isEmpty ?? true)
        case "attempts":
            (self.failure?.attempts ?? []).map { AttemptView(attempt: $0, troubleshooting: self.troubleshooting) }
        case "resource": self.resource
        case "vault": self.vault
        case "identityTime": self.identityTime
        case "vaultTime": self.vaultTime
        case "tokenExpiry": self.tokenExpiry
        case "expiry": self.expiry
        case "troubleshooting": self.troubleshooting.page
        case "hasDetails": self.hasDetails
        case "provider": self.tokenDetails?.provider
        case "account": self.tokenDetails?.account
        case "scopes": self.tokenDetails?.scopes
        case "loggedIn": self.tokenDetails?.loggedIn
        case "renewed": self.tokenDetails?.renewed
        case "renews": self.tokenDetails?.renews
        case "offersLogin": self.offersLogin
        case "needsLogin": self.offersLogin && self.failure?.needsLogin == true
        default: nil
        }
    }

    /// Whether there is more to say of the token than that nobody ever logged in for it.
    private var hasDetails: Bool {
        guard let details = self.details else { return false }
        return self.token != nil || details.account != nil || details.loggedInOn != nil
    }

    var tokenDetails: TokenDetails? { self.details.map(TokenDetails.init) }

    private var providerName: String {
        self.details?.provider.map { ShownText($0, limit: 100).text } ?? "the provider"
    }

    private var title: String {
        guard let failure = self.failure else { return "Token page" }
        return (failure.needsLogin ? "Log in" : "Something went wrong") + " · Token page"
    }

    private var headline: String {
        guard let failure = self.failure else { return "Here is your token" }
        return failure.needsLogin ? "Nobody is logged in" : "No token this time"
    }

    private var lead: String {
        if self.failure == nil {
            "The vault handed it out just now. No secret is stored here."
        } else if self.failure?.needsLogin == true {
            "Somebody has to log in at \(self.providerName) once. Then the vault has a token, and keeps it fresh."
        } else if self.principalUsed == nil {
            "The page could not prove to Azure who it is, so it did not ask the vault."
        } else {
            "Azure said who the page is, but the vault gave no token."
        }
    }

    var identityTime: String { self.outcome(of: self.timings.identity, failed: self.principalUsed == nil) }

    var vaultTime: String { self.outcome(of: self.timings.vault, failed: self.token == nil) }

    var tokenExpiry: String {
        if let tokenExpiresOn { return UTCText.text(tokenExpiresOn) }
        return self.token == nil ? "there is none" : "the vault does not say"
    }

    var expiry: String {
        self.accessTokenExpiresOn.map(UTCText.text) ?? "there is none"
    }

    private func outcome(of step: Duration?, failed: Bool) -> String {
        guard let step else { return "not reached" }
        return failed ? "failed after \(DurationText.text(step))" : DurationText.text(step)
    }
}

private struct FailureView: MustacheParent {
    let failure: PageError
    let troubleshooting: Troubleshooting

    func child(named name: String) -> Any? {
        switch name {
        case "message": self.failure.message
        case "link": self.troubleshooting.link(to: self.failure.anchor)
        default: nil
        }
    }
}

private struct AttemptView: MustacheParent {
    let attempt: PageError.Attempt
    let troubleshooting: Troubleshooting

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.attempt.name
        case "reason": self.attempt.reason
        case "link": self.troubleshooting.link(to: self.attempt.anchor)
        default: nil
        }
    }
}

extension Duration {
    var milliseconds: Double {
        self / .milliseconds(1)
    }
}
