import AppAuthentication
import HTTPTypes
import TokenVaultClient
import TokenVaultHummingbird

extension PageError {
    /// No access token: nothing that the page could ask had one.
    init(_ error: AzureServiceTokenProviderError) {
        let attempts = error.attempts.map {
            Attempt(
                name: ShownText($0.credential).text,
                reason: ShownText($0.reason).text,
                anchor: $0.troubleshooting
            )
        }
        self.init(
            status: .badGateway,
            message: ShownText(Self.summary(error)).text,
            anchor: attempts.first?.anchor ?? Troubleshooting.Heading.settings.rawValue,
            attempts: attempts
        )
    }

    /// No access token in time.
    static let identityTimeout = PageError(
        status: .gatewayTimeout,
        message: "There was no access token within \(IdentityTimeout.limit.components.seconds) seconds. "
            + "The attempt goes on without this page: reload it in a moment.",
        anchor: Troubleshooting.Heading.identityTimeout.rawValue
    )

    /// What went wrong with the identity or the vault; nil for what is no failure of the two.
    init?(causedBy error: any Error) {
        switch error {
        case let error as AzureServiceTokenProviderError: self.init(error)
        case is IdentityTimeout: self = .identityTimeout
        case let error as VaultError: self.init(error)
        default: return nil
        }
    }

    /// What became of a call that a login makes; nil for what is no failure of the identity or the vault, and has a page of
    /// its own.
    init?(loginError error: VisitorTokenError) {
        switch (error.code, error.cause) {
        case (.unknownPerson, _): self = .unknownUser
        case (.noIdentity, let cause?), (.vaultFailed, let cause?): self.init(causedBy: cause)
        default: return nil
        }
    }

    /// A browser that has never logged in, where each has a token of its own.
    static let newVisitor = Self.nobodyIsLoggedIn("Nobody has logged in here with this browser yet.")

    /// There is a token for each person, and nobody says who this one is.
    static let unknownUser = PageError(
        status: .internalServerError,
        message: "There is a token for each person here, and the web server does not tell the page who asks. "
            + "Its administrator sets \(TokenAddress.userVariable) where people prove who they are.",
        anchor: Troubleshooting.Heading.logIn.rawValue
    )

    private static func nobodyIsLoggedIn(_ message: String) -> PageError {
        // The request is sound, and somebody can change what is in its way (RFC 9110 section 15.5.10).
        PageError(
            status: .conflict,
            message: message,
            anchor: Troubleshooting.Heading.logIn.rawValue,
            needsLogin: true
        )
    }

    /// No token, where people may log in at the page.
    init(_ error: VaultError, offersLogin: Bool) {
        guard offersLogin, error.needsLogin, let refusal = error.refusal else {
            self.init(error)
            return
        }
        self = .nobodyIsLoggedIn(
            refusal.status == 404 ? "Nobody has logged in here yet." : ShownText(refusal.message).text
        )
    }

    /// No token: the vault did not give one to this principal.
    init(_ error: VaultError) {
        let heading: Troubleshooting.Heading =
            switch (error.code, error.refusal?.status) {
            case (.unreachable, _): .vaultUnreachable
            case (.timedOut, _), (.busy, _): .vaultTimeout
            case (.refused, 401), (.refused, 403): .accessDenied
            case (.insecure, _): .settings
            default: .vaultRefused
            }
        self.init(
            status: error.code.responseStatus,
            message: ShownText(error.description).text,
            anchor: heading.rawValue
        )
        self.isForbidden = error.refusal?.status == 403
    }

    /// The whole text when one method was tried; with several, its first line, since the list below has the rest.
    private static func summary(_ error: AzureServiceTokenProviderError) -> String {
        guard error.attempts.count > 1 else { return error.description }
        return String(error.description.prefix { !$0.isNewline })
    }
}
