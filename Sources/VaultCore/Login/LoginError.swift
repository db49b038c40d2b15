/// Why a login could not be begun, or what the provider sent back with a browser cannot be taken.
package enum LoginError: Error, Sendable, Hashable {
    case noReturnURL
    /// There is no such token, or it may not lead to where the browser is to go: whoever asks is not told which.
    case refused
    /// The service cannot be used as it is set up; the text says why.
    case serviceUnusable(String)
    /// No login has this state, or it has come back before, or too late.
    case unknownState
    /// It was begun in another browser.
    case otherBrowser
    /// The provider gave nothing, and there is no application to tell; the text says why.
    case failed(String)
    /// What was confirmed is not there any more, or was never this browser's.
    case unknownConfirmation

    /// A sentence or two for the person at the browser.
    package var description: String {
        switch self {
        case .noReturnURL:
            "The address does not say where to go after the login: add ?PostLoginRedirectUrl= and the application's address."
        case .refused:
            "There is no such token, or the address to go to after the login is not among those that the vault allows for it. "
                + "The vault's log says which; its administrator can add an address, with `token-vault store allow-return`."
        case .serviceUnusable(let reason): "The service cannot be used as it is set up: \(reason)"
        case .unknownState: "This login has come back already, or took longer than ten minutes: begin again."
        case .otherBrowser:
            "This login was begun in another browser, or this one keeps no cookies: begin again, here, from the application."
        case .failed(let reason): reason
        case .unknownConfirmation:
            "This was confirmed already, or more than five minutes ago, or belongs to another browser: log in again."
        }
    }
}
