/// Who asked for which token, and what came of it; never the token.
struct AuditEntry: Sendable, Hashable {
    enum Action: String, Sendable {
        /// GET: the token's resource, with the access token in it.
        case getToken
        /// POST: a valid access token.
        case postToken
        /// POST `/accesstoken`: the same, as text.
        case postAccessToken
    }

    enum Outcome: String, Sendable {
        case given
        case forbidden
        case notFound
        case unauthenticated
        case damaged
    }

    let principal: Principal
    let action: Action
    let service: String
    let token: String
    let outcome: Outcome
}
