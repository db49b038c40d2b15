/// Why a token is in the state `Error`, in the words of the API.
package enum TokenProblem: String, Sendable, Hashable, CaseIterable {
    /// Nobody has logged in, or what was stored has expired.
    case unauthenticated = "Unauthenticated"
    /// The provider says that the grant is over.
    case revoked = "Revoked"
    /// A renewal was sent, and its answer was lost.
    case uncertain = "Uncertain"
    /// As ``uncertain``, and the provider no longer takes the old refresh token.
    case lostRotation = "LostRotation"
    /// The provider refused a refresh token that this vault never presented.
    case possibleTheft = "PossibleTheft"
    /// The provider refuses the service's client.
    case serviceBroken = "ServiceBroken"
    /// The service was pointed elsewhere since somebody logged in.
    case serviceChanged = "ServiceChanged"
    /// The store was put back from a copy, and the refresh token may have been used since.
    case restored = "Restored"
    /// The token was moved to another store, which renews it from then on.
    case exported = "Exported"
    /// The access token has expired, and the provider has not given a new one yet; it is never stored.
    case renewalPending = "RenewalPending"

    /// What is wrong, and what to do about it, for whoever asks for the token.
    package var message: String {
        switch self {
        case .unauthenticated: "This connection is not authenticated."
        case .revoked: "The provider says that the access was withdrawn: log in again."
        case .uncertain:
            "The provider's answer to a renewal was lost; it is tried once more when the access token expires."
        case .lostRotation:
            "The provider's answer to a renewal was lost, and with it the new refresh token: log in again."
        case .possibleTheft:
            "The provider refused a refresh token that was never used here: the access was withdrawn there, or somebody else "
                + "has used it. Log in again."
        case .serviceBroken: "The provider refuses the client of the service: its administrator has to set it right."
        case .restored:
            "The vault's store was put back from a copy, and the refresh token may have been used since: log in again."
        case .exported: "The token was moved to another vault, which renews it now: log in again to have it here, too."
        case .serviceChanged: "The service was changed since the login: log in again."
        case .renewalPending:
            "The access token expired, and the provider has not given a new one yet: try again later."
        }
    }

    /// Whether only another login helps.
    package var endsGrant: Bool { self != .uncertain && self != .serviceBroken && self != .renewalPending }

    /// Whether an access token that has not expired is handed out all the same.
    package var isServedWhileItLives: Bool {
        switch self {
        case .uncertain, .serviceBroken, .renewalPending, .restored, .exported: true
        case .unauthenticated, .revoked, .lostRotation, .possibleTheft, .serviceChanged: false
        }
    }
}
