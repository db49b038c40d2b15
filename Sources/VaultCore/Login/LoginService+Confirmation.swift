extension LoginService {
    /// Saves what a login gave, when the person at the browser said so on the vault's own page.
    ///
    /// - Returns: Where the browser goes then.
    /// - Throws: ``LoginError``; and what the store throws.
    package func confirm(_ form: FormFields, cookie: String?) async throws -> LoginConfirmed {
        guard
            self.hasConfirmationPage, let service = form["service"], let token = form["token"],
            let target = form["returnUrl"].flatMap({ ReturnURL($0) }),
            let secret = form["secret"].flatMap({ RandomSecret($0) }), let cookie = cookie.flatMap({ RandomSecret($0) })
        else { throw LoginError.unknownConfirmation }
        let code = LoginConfirmation.code(
            secret: secret,
            cookie: cookie,
            service: service,
            token: token,
            returnURL: target.text
        )
        let redemption = try await self.save(
            code: code.text,
            service: service,
            token: token,
            allowAccountChange: false,
            by: AuditEntry.browser
        )
        switch redemption {
        case .saved: return LoginConfirmed(service: service, token: token, location: target.text)
        case .unknownCode: throw LoginError.unknownConfirmation
        case .serviceChanged: throw LoginError.failed("The service was changed since the login: log in again.")
        case .otherAccount(let present, _):
            throw LoginError.failed(
                "The token is for the account \(present.shown), and this login was for another: log in with that one, or let the "
                    + "administrator delete the token first."
            )
        }
    }
}
