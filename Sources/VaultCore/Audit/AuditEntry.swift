/// Who asked for which token, and what came of it, or who pruned the audit; never the token.
package struct AuditEntry: Sendable, Hashable {
    package enum Action: String, Sendable {
        /// GET: the token's resource, with the access token in it.
        case getToken
        /// POST: a valid access token.
        case postToken
        /// POST `/accesstoken`: the same, as text.
        case postAccessToken
        case listProviders
        case listServices
        case getService
        case putService
        case deleteService
        case listTokens
        case putToken
        case deleteToken
        /// GET `/redirect`: a browser came back from the provider.
        case login
        /// POST `/save`: what a login gave is the token's.
        case saveToken
        case listPolicies
        case getPolicy
        case putPolicy
        case deletePolicy
        /// An administrator changed what holds for the whole store.
        case changeStore
        /// The vault itself, on nobody's behalf.
        case renewToken
        /// An administrator took old entries away.
        case pruneAudit
        /// The key of the audit was made once more, since the one before was removed.
        case makeAuditKey
        /// An administrator gave the store a new data key.
        case rotateKey
        /// An administrator had the data keys wrapped with another key.
        case rewrapKey
        case backUp
        case restore
        /// The store is a copy: grants that could end by it are not used.
        case setGrantsAside
        /// An administrator says that they may be used.
        case acceptCopy
        /// An administrator says that the clock is right, whatever the entries before say.
        case acceptClock
        /// An administrator wrote a token, with its secrets, into a file.
        case exportToken
        case importToken
        /// An administrator moves the store to another database.
        case copyStore
    }

    package enum Outcome: String, Sendable {
        case given
        /// The caller may do it; what came of it is not a secret that has to be accounted for.
        case allowed
        case forbidden
        /// What a login gave waits for `save`.
        case kept
        case saved
        /// A login, or its `save`, gave nothing; the detail says why.
        case refused
        case renewed
        case healed
        case quarantined
        case failed
        case notFound
        case unauthenticated
        case damaged
        case pruned
        /// It came too fast.
        case throttled
    }

    package let principal: Principal
    package let action: Action
    package let service: String
    package let token: String
    package let outcome: Outcome
    /// What there is to say beyond the outcome.
    package let detail: String
    /// The request that it is about; nil for what the vault did by itself.
    package let request: RequestIdentifier?

    /// Longest name that is written into the audit; no service or token has a longer one.
    package static let maxNameLength = 128

    package init(
        principal: Principal,
        action: Action,
        service: String = "",
        token: String = "",
        outcome: Outcome,
        detail: String = "",
        request: RequestIdentifier? = .current
    ) {
        self.principal = principal
        self.action = action
        self.service = service
        self.token = token
        self.outcome = outcome
        self.detail = detail
        self.request = request
    }
}
