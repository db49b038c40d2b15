package import Foundation

/// Something that happened to a token, for whoever has to know of it; nothing of the token itself.
package struct WebhookEvent: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Its state became an error that only another login mends.
        case failed = "token.failed"
        /// The same, and somebody else may have its refresh token.
        case possibleTheft = "token.possible_theft"
        /// It is out of an error again, without a login.
        case recovered = "token.recovered"
        /// Somebody logged in for it once more.
        case reauthenticated = "token.reauthenticated"
        /// It will need a login soon.
        case expiring = "token.expiring"
    }

    package let kind: Kind
    package let service: String
    package let token: String
    /// The state that it has now, as the API names it; nil for `Ok`.
    package let problem: TokenProblem?
    /// When it ends, of one that will.
    package let expiresOn: Date?

    package init(
        _ kind: Kind,
        service: String,
        token: String,
        problem: TokenProblem? = nil,
        expiresOn: Date? = nil
    ) {
        self.kind = kind
        self.service = service
        self.token = token
        self.problem = problem
        self.expiresOn = expiresOn
    }

    /// What a change of a token's state is to others; nil when it is nothing to them.
    package init?(from before: TokenProblem?, to after: TokenProblem?, service: String, token: String) {
        let wasBroken = before?.endsGrant ?? false
        let isBroken = after?.endsGrant ?? false
        switch (wasBroken, isBroken) {
        case (false, true):
            let kind = after == .possibleTheft ? Kind.possibleTheft : .failed
            self.init(kind, service: service, token: token, problem: after)
        case (true, false) where after == nil: self.init(.recovered, service: service, token: token)
        default: return nil
        }
    }

    /// The body of the message.
    package func body(at date: Date) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(
            Body(
                type: self.kind.rawValue,
                timestamp: date,
                data: Body.Token(
                    service: self.service,
                    token: self.token,
                    reason: self.problem?.rawValue,
                    message: self.problem?.message,
                    expiresOn: self.expiresOn
                )
            )
        )
    }

    private struct Body: Encodable {
        struct Token: Encodable {
            let service: String
            let token: String
            let reason: String?
            let message: String?
            let expiresOn: Date?
        }

        let type: String
        let timestamp: Date
        let data: Token
    }
}
