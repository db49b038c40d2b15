/// How an answer ended.
enum GatewayAnswer: Sendable {
    /// All of it is here, and nothing was sent yet.
    case whole(GatewayResponse)
    /// All of it has gone into its ``ResponseStream``.
    case streamed
    /// It broke off when some of it had been sent, so that nobody may take it for a whole one.
    case broken
}
