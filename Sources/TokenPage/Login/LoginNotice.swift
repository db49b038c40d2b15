import HTTPTypes

/// What the page says where a login does not end with a token.
enum LoginNotice: Sendable, Hashable {
    /// Somebody said no at the provider.
    case cancelled
    /// The provider or the vault says what went wrong.
    case failed(String)
    /// It was begun in another browser, or by somebody else, or with a cookie that is gone.
    case otherBrowser
    /// It came back before, or another page answered it.
    case repeated
    case expired
    /// A browser fetched it in advance.
    case prefetched
    /// It was for another account than the token is for.
    case otherAccount(String)
    /// The vault does not take the code.
    case codeRefused
    /// The web server does not say who the visitor is.
    case unknownUser
    /// The address of the page is neither https nor on this machine.
    case unprotected
    /// The form is not one of this browser.
    case foreignForm

    var status: HTTPResponse.Status {
        switch self {
        case .cancelled: .ok
        case .failed, .repeated, .expired, .codeRefused: .badRequest
        case .otherBrowser, .foreignForm: .forbidden
        case .otherAccount: .conflict
        case .prefetched: .serviceUnavailable
        case .unknownUser, .unprotected: .internalServerError
        }
    }

    var headline: String {
        switch self {
        case .cancelled: "You did not log in"
        case .failed: "The login did not work"
        case .otherBrowser: "This login is not yours"
        case .repeated: "This login is over"
        case .expired: "This login took too long"
        case .prefetched: "Not yet"
        case .otherAccount: "That was another account"
        case .codeRefused: "The vault did not take this login"
        case .unknownUser: "Nobody says who you are"
        case .unprotected: "Not over this connection"
        case .foreignForm: "That did not come from this page"
        }
    }

    var lead: String {
        switch self {
        case .cancelled: "The login was cancelled at the provider. Nothing has changed."
        case .failed(let reason): "Nothing was saved. \(reason)"
        case .otherBrowser:
            "It was begun in another browser, or this one keeps no cookies. Nothing was saved, and nobody got access. "
                + "If somebody sent you the address: they may have wanted your account for themselves."
        case .repeated: "It has come back already. What it brought was saved then, or not at all; nothing was done now."
        case .expired: "Nothing was saved: there are ten minutes for it. Begin again."
        case .prefetched: "The browser asked for this in advance, and it works once. Open it, and it is done."
        case .otherAccount(let reason):
            "Nothing was saved. \(reason) To use the other account, forget this token first, and then log in."
        case .codeRefused:
            "What came back was used before, or is too old. If it was saved then, the page shows the token; else begin again."
        case .unknownUser:
            "There is a token for each person here, and the web server does not tell the page who asks. "
                + "Its administrator sets \(TokenAddress.userVariable) where people prove who they are."
        case .unprotected: "A login needs https, or an address of this machine. Nothing was done."
        case .foreignForm: "Nothing was forgotten. Open the page, and begin there."
        }
    }

    /// Whether it is worth it to begin again.
    var offersLogin: Bool {
        switch self {
        case .unknownUser, .unprotected, .foreignForm, .prefetched: false
        case .cancelled, .failed, .otherBrowser, .repeated, .expired, .otherAccount, .codeRefused: true
        }
    }
}
