package import HTTPTypes

/// Why there is no token on the page.
package struct PageError: Sendable, Equatable {
    /// One way of getting an access token that did not work.
    package struct Attempt: Sendable, Equatable {
        package let name: String
        package let reason: String
        /// Which heading of the troubleshooting page helps.
        package let anchor: String
    }

    package let status: HTTPResponse.Status
    package let message: String
    package let anchor: String
    package var attempts: [Attempt] = []

    /// All of it in one text: the reason of each attempt where there were several, else the message.
    package var story: String {
        guard self.attempts.count > 1 else { return self.message }
        return self.attempts.map { "\($0.name): \($0.reason)" }.joined(separator: "\n")
    }
}
