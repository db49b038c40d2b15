import ForeignText
package import HTTPTypes
package import TokenVaultClient

extension VisitorTokenError {
    static let newVisitor = Self(
        .notLoggedIn,
        .conflict,
        "Nobody is logged in",
        "Nobody has logged in here with this browser yet."
    )
    static let unknownPerson = Self(
        .unknownPerson,
        .forbidden,
        "Nobody says who you are",
        "There is a token for each person here, and you are not signed in to this application."
    )
    static let unprotected = Self(
        .unprotected,
        .internalServerError,
        "Not over this connection",
        "A login needs https, or an address of this machine. Nothing was done."
    )
    static let cancelled = Self(
        .cancelled,
        .ok,
        "You did not log in",
        "The login was cancelled at the provider. Nothing has changed."
    )
    static let otherBrowser = Self(
        .otherBrowser,
        .forbidden,
        "This login is not yours",
        "It was begun in another browser, or this one keeps no cookies. Nothing was saved, and nobody got access. "
            + "If somebody sent you the address: they may have wanted your account for themselves."
    )
    static let repeated = Self(
        .repeated,
        .badRequest,
        "This login is over",
        "It has come back already. What it brought was saved then, or not at all; nothing was done now."
    )
    static let expired = Self(
        .expired,
        .badRequest,
        "This login took too long",
        "Nothing was saved: there are ten minutes for it. Begin again."
    )
    static let prefetched = Self(
        .prefetched,
        .serviceUnavailable,
        "Not yet",
        "The browser asked for this in advance, and it works once. Open it, and it is done."
    )
    static let codeRefused = Self(
        .codeRefused,
        .badRequest,
        "The vault did not take this login",
        "What came back was used before, or is too old. If it was saved then, the page shows the token; else begin again."
    )
    static let foreignForm = Self(
        .foreignForm,
        .forbidden,
        "That did not come from this page",
        "Nothing was forgotten. Open the page, and begin there."
    )

    /// What came back with the browser in the place of a code.
    static func failed(error: String?, _ description: String?) -> Self {
        guard error != "access_denied" else { return .cancelled }
        let said = Self.line(description ?? error ?? "")
        let reason = said.isEmpty ? "The vault sent the browser back without saying why." : said
        return Self(.failed, .badRequest, "The login did not work", "Nothing was saved. \(reason)")
    }

    /// What became of a read of the token; nil for what is no failure of the vault or of the application's identity.
    init?(reading error: any Error) {
        if let error = error as? VaultError, error.needsLogin {
            let message = error.refusal?.status == 404 ? "" : Self.line(error.refusal?.message ?? "")
            self.init(
                .notLoggedIn,
                .conflict,
                "Nobody is logged in",
                message.isEmpty ? "Nobody has logged in here yet." : message,
                cause: error
            )
        } else {
            self.init(changing: error)
        }
    }

    /// What became of saving a login.
    init?(saving error: any Error) {
        guard let refusal = (error as? VaultError)?.refusal else {
            self.init(changing: error)
            return
        }
        if refusal.code == "account_mismatch" {
            self.init(
                .otherAccount,
                .conflict,
                "That was another account",
                "Nothing was saved. \(Self.line(refusal.message)) "
                    + "To use the other account, forget this token first, and then log in.",
                cause: error
            )
        } else if refusal.status == 400 || refusal.status == 409 {
            let refused = Self.codeRefused
            self.init(refused.code, refused.status, refused.headline, refused.description, cause: error)
        } else {
            self.init(changing: error)
        }
    }

    /// What became of a call of the vault; nil for a cancellation.
    init?(changing error: any Error) {
        switch error {
        case is CancellationError: return nil
        case let error as VaultError:
            self.init(
                .vaultFailed,
                error.code.responseStatus,
                "The vault did not do it",
                error.description,
                cause: error
            )
        case let error as RequestCoalescerError:
            let isBusy = error == .tooManyWaiting
            self.init(changing: VaultError(isBusy ? .busy : .timedOut, "The vault was not asked: \(error.description)"))
        default:
            self.init(
                .noIdentity,
                .badGateway,
                "No identity",
                "The application could not prove to Azure who it is, so it did not ask the vault.",
                cause: error
            )
        }
    }

    /// Text of the vault or the provider on one line, cut.
    private static func line(_ text: String) -> String {
        let line = PrintableText.line(text.prefix(2_000))
        return line.count > 500 ? line.prefix(500) + "…" : line
    }
}

extension VaultError.Code {
    /// The named statuses, since one made from a number alone has no reason phrase, and some clients need it.
    package var responseStatus: HTTPResponse.Status {
        switch self {
        case .timedOut: .gatewayTimeout
        case .insecure: .internalServerError
        case .busy: .serviceUnavailable
        default: .badGateway
        }
    }
}
