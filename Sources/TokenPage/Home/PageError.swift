import HTTPTypes

/// Why there is no token on the page.
struct PageError: Sendable, Equatable {
    /// One way of getting an access token that did not work.
    struct Attempt: Sendable, Equatable {
        let name: String
        let reason: String
        /// Which heading of the troubleshooting page helps.
        let anchor: String
    }

    let status: HTTPResponse.Status
    let message: String
    let anchor: String
    var attempts: [Attempt] = []
    /// Whether all is well but that nobody is logged in.
    var needsLogin = false
    /// Whether the vault knows who asks, and has no policy for it.
    var isForbidden = false

    /// All of it in one text: the reason of each attempt where there were several, else the message.
    var story: String {
        guard self.attempts.count > 1 else { return self.message }
        return self.attempts.map { "\($0.name): \($0.reason)" }.joined(separator: "\n")
    }
}
