/// Why a login could not be begun, or what the provider sent back with a browser cannot be taken.
package enum LoginError: Error, Sendable, Hashable {
    /// There is no such token, or no such service.
    case noToken
    case noReturnURL
    case returnURLNotAllowed
    /// The service cannot be used as it is set up; the text says why.
    case serviceUnusable(String)
    /// As many are under way as there may be.
    case tooMany
    /// No login has this state, or it has come back before, or too late.
    case unknownState
    /// It was begun in another browser.
    case otherBrowser

    /// A sentence or two for the person at the browser.
    package var description: String {
        switch self {
        case .noToken: "There is no such token."
        case .noReturnURL:
            "The address does not say where to go after the login: add ?PostLoginRedirectUrl= and the application's address."
        case .returnURLNotAllowed:
            "The address to go to after the login is not among those that the vault allows: "
                + "its administrator can add it, with `token-vault store allow-return`."
        case .serviceUnusable(let reason): "The service cannot be used as it is set up: \(reason)"
        case .tooMany: "Too many logins are under way: try again in a minute."
        case .unknownState: "This login has come back already, or took longer than ten minutes: begin again."
        case .otherBrowser:
            "This login was begun in another browser, or this one keeps no cookies: begin again, here, from the application."
        }
    }
}
