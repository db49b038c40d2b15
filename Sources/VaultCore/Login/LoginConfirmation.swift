/// What a person is asked before a login is saved without an application: the vault's own page, for development.
package struct LoginConfirmation: Sendable, Hashable {
    package let service: String
    package let token: String
    package let returnURL: String
    /// Whose account it is, where the provider says so.
    package let account: Account?
    /// A secret of the page: with the cookie of the browser it makes the code, which is nowhere else.
    package let secret: RandomSecret

    /// The code that `save` would take: nobody can make it who lacks page or cookie, or for another token or address.
    package static func code(
        secret: RandomSecret,
        cookie: RandomSecret,
        service: String,
        token: String,
        returnURL: String
    ) -> RandomSecret {
        secret.bound(to: cookie, parts: [service, token, returnURL])
    }
}

/// How a login ends in the browser.
package enum LoginEnd: Sendable, Hashable {
    /// On to the application, with a code or an error in its address.
    case application(String)
    case confirmation(LoginConfirmation)
}
