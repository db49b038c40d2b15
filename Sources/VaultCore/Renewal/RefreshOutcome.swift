/// What became of one request for new tokens, but for the tokens themselves.
package enum RefreshOutcome: Sendable, Hashable {
    /// Nothing left this machine: no address, no connection, no TLS.
    case notSent
    /// It was sent, and no answer came.
    case noAnswer
    /// A gateway answered in place of the provider, and may have lost a good answer.
    case gatewayLost
    /// A success that cannot be read: tokens may have been issued.
    case unreadable
    /// The provider did nothing and may do it later.
    case postponed(retryAfter: Duration?)
    /// `invalid_grant`.
    case invalidGrant
    /// `invalid_client`, `unauthorized_client`: the service is refused, and not the token.
    case clientRefused
    /// Another error: the request is refused, and the grant untouched.
    case rejected

    /// As it is counted.
    var name: String {
        switch self {
        case .notSent: "not_sent"
        case .noAnswer: "no_answer"
        case .gatewayLost: "gateway_lost"
        case .unreadable: "unreadable"
        case .postponed: "postponed"
        case .invalidGrant: "invalid_grant"
        case .clientRefused: "client_refused"
        case .rejected: "rejected"
        }
    }
}
