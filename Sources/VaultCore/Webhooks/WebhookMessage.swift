package import Foundation

/// A message that waits to be sent.
package struct WebhookMessage: Sendable, Hashable {
    /// The same whenever it is sent, so that whoever gets it twice can tell.
    package let id: String
    package let body: Data
    /// How often it was sent in vain.
    package let failures: Int

    package init(id: String, body: Data, failures: Int) {
        self.id = id
        self.body = body
        self.failures = failures
    }

    /// How long it waits after so many failures; nil when it is given up.
    ///
    /// That is after some three days.
    package static func pause(afterFailures failures: Int) -> Duration? {
        let pauses: [Duration] = [
            .seconds(5), .seconds(300), .seconds(1800), .seconds(7200), .seconds(18_000), .seconds(36_000),
            .seconds(50_400), .seconds(72_000), .seconds(86_400),
        ]
        return failures >= 1 && failures <= pauses.count ? pauses[failures - 1] : nil
    }
}
