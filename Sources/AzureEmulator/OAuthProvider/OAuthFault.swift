/// What a test has go wrong at the next call of the token endpoint.
struct OAuthFault: Sendable, Hashable, Codable {
    enum Kind: String, Sendable, Codable {
        /// Waits, and then does what was asked.
        case delay
        /// Does what was asked, and then waits: a client that gives up meanwhile has lost the answer.
        case delayAnswer
        /// Does nothing and answers with a status.
        case fail
        /// Does what was asked and answers as a gateway does that lost the answer: 502 and a page.
        case loseAnswer
        /// Does what was asked and answers 200 with a body that is cut.
        case unreadable
    }

    let kind: Kind
    var seconds: Double = 1
    var status: Int = 503
    var retryAfter: Int?

    private enum CodingKeys: String, CodingKey {
        case kind
        case seconds
        case status
        case retryAfter
    }

    init(_ kind: Kind, seconds: Double = 1, status: Int = 503, retryAfter: Int? = nil) {
        self.kind = kind
        self.seconds = seconds
        self.status = status
        self.retryAfter = retryAfter
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.kind = try container.decode(Kind.self, forKey: .kind)
        self.seconds = min(max(try container.decodeIfPresent(Double.self, forKey: .seconds) ?? 1, 0), 120)
        self.status = min(max(try container.decodeIfPresent(Int.self, forKey: .status) ?? 503, 200), 599)
        self.retryAfter = try container.decodeIfPresent(Int.self, forKey: .retryAfter)
    }
}
