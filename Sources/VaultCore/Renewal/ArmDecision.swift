/// What somebody who wants to renew a token may do.
package enum ArmDecision: Sendable, Hashable {
    /// Send one request.
    case armed(RenewalPermit)
    /// Read the answer that is stored; nobody did.
    case readAnswer(RenewalPermit)
    /// Look first whether the answer to a request whose sender is gone lies somewhere else.
    case orphaned
    /// Nothing: it is not due.
    case fresh
    /// Wait: somebody else renews it.
    case busy
    /// Wait: the provider put it off.
    case paused(until: LeaseTime)
    /// Nothing while the access token lives: asking again could end it.
    case uncertain
    /// Nothing: the grant is over, or there is nothing to renew with.
    case ended(TokenProblem)
}
