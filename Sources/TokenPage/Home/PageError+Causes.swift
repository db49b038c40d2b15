import AppAuthentication
import HTTPTypes
import TokenVaultClient

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
            status: Self.status(error.code),
            message: ShownText(error.description).text,
            anchor: heading.rawValue
        )
    }

    /// The named statuses, since one made from a number alone has no reason phrase, and some clients need it.
    private static func status(_ code: VaultError.Code) -> HTTPResponse.Status {
        switch code {
        case .timedOut: .gatewayTimeout
        case .insecure: .internalServerError
        case .busy: .serviceUnavailable
        default: .badGateway
        }
    }

    /// The whole text when one method was tried; with several, its first line, since the list below has the rest.
    private static func summary(_ error: AzureServiceTokenProviderError) -> String {
        guard error.attempts.count > 1 else { return error.description }
        return String(error.description.prefix { !$0.isNewline })
    }
}
