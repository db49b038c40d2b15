/// Keeps the starts of shared calls apart while many callers share each.
///
/// Calls that begin together end together, and everyone who came meanwhile waits for a whole call before their own begins.
/// When they begin at even distances, nobody waits longer for a start than the `maxCalls`-th part of a call.
struct CallPace: Sendable {
    /// Shorter pauses are not worth a timer.
    private static let shortestPause: Duration = .milliseconds(1)

    private var usualDuration: Duration = .zero
    private var latestStart: ContinuousClock.Instant?
    private var latestCallers = 0

    mutating func callStarted(callers: Int, now: ContinuousClock.Instant) {
        self.latestStart = now
        self.latestCallers = callers
    }

    mutating func callTook(_ duration: Duration) {
        self.usualDuration = self.usualDuration == .zero ? duration : (self.usualDuration * 3 + duration) / 4
    }

    /// How long the next call should wait; nil when it may begin now.
    ///
    /// Callers who have their calls to themselves are not many, and are not made to wait.
    func pause(now: ContinuousClock.Instant, maxCalls: Int) -> Duration? {
        guard self.latestCallers > 1, let latestStart else { return nil }
        let pause = self.usualDuration / maxCalls - (now - latestStart)
        return pause >= Self.shortestPause ? pause : nil
    }
}
