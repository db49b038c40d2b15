import Foundation

/// Until when a page has to be done with everything: the identity, the vault, and the second try.
struct PageDeadline: Sendable {
    /// Below the 60 seconds that nginx waits, so that the page can say itself what took too long.
    static let limit: Duration = .seconds(50)

    let instant: ContinuousClock.Instant
    private let limit: Duration

    /// The deadline of a page that begins now, or has begun a moment ago.
    init(limit: Duration = Self.limit, begin: ContinuousClock.Instant = .now) {
        self.limit = limit
        self.instant = begin + limit
    }

    /// The whole time of the page, as text for a person.
    var seconds: String { (self.limit / .seconds(1)).formatted(.number.grouping(.never)) }

    /// What is left of it, never less than nothing.
    var remaining: Duration { max(.zero, self.instant - .now) }
}
