/// Who asked for which token, and what came of it, or who pruned the audit; never the token.
struct AuditEntry: Sendable, Hashable {
    enum Action: String, Sendable {
        /// GET: the token's resource, with the access token in it.
        case getToken
        /// POST: a valid access token.
        case postToken
        /// POST `/accesstoken`: the same, as text.
        case postAccessToken
        /// An administrator took old entries away.
        case pruneAudit
    }

    enum Outcome: String, Sendable {
        case given
        case forbidden
        case notFound
        case unauthenticated
        case damaged
        case pruned
    }

    let principal: Principal
    let action: Action
    var service = ""
    var token = ""
    let outcome: Outcome
    /// What there is to say beyond the outcome.
    var detail = ""
}
