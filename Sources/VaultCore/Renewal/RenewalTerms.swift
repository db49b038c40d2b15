/// What the rules of a renewal depend on besides its row: the provider's ways, and how long things may take.
package struct RenewalTerms: Sendable, Hashable {
    package var rotation: RefreshTokenRotation
    /// How long the exchange with the provider may take as a whole.
    package var deadline: Duration
    /// How long a lease lasts: longer than the deadline, or nothing may be sent.
    package var lease: Duration
    /// The pause after a failure for which the provider named none.
    package var pause: Duration
    /// Between 0.75 and 1.25, so that not everything is tried again at once.
    package var jitter: Double

    package init(
        rotation: RefreshTokenRotation,
        deadline: Duration = .seconds(20),
        lease: Duration = .seconds(45),
        pause: Duration = .seconds(30),
        jitter: Double = 1
    ) {
        self.rotation = rotation
        self.deadline = deadline
        self.lease = lease
        self.pause = pause
        self.jitter = jitter
    }

    /// The longest pause that a provider may ask for.
    static let longestPause: Duration = .seconds(3600)

    /// How long to wait after a failure.
    func pause(after failures: Int, retryAfter: Duration? = nil) -> Duration {
        if let retryAfter {
            // Never earlier than asked, and not at the same moment as everybody else.
            return min(retryAfter, Self.longestPause) + .milliseconds(Int64(500 * self.jitter))
        }
        let factor = Double(1 << min(max(failures - 1, 0), 3))
        return self.pause * (factor * self.jitter)
    }
}
