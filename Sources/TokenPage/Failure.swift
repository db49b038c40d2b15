package import HTTPTypes

/// Why there is no token on the page.
package struct Failure: Sendable, Equatable {
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
}
