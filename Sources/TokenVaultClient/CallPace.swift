/// Keeps the starts of shared calls apart while many callers share each.
///
/// Calls that begin together end together, and everyone who came meanwhile waits for a whole call before their own begins.
/// When they begin at even distances, nobody waits longer for a start than the `maxCalls`-th part of a call.
///
/// A vault that answers at once would be asked without a break, for a handful of callers each time, and the asking would
/// take the time in which pages are made. Hence a least distance, which a page hardly notices.
struct CallPace: Sendable {
    /// The least distance between two starts while callers share calls.
    private static let leastDistance: Duration = .milliseconds(2)
    /// Shorter pauses are not worth a timer.
    private static let shortestPause: Duration = .milliseconds(1)

    private var usualDuration: Duration = .zero
    private var latestStart: ContinuousClock.Instant?
    private var usualCallers = 1.0

    mutating func callStarted(callers: Int, now: ContinuousClock.Instant) {
        self.latestStart = now
        self.usualCallers = (self.usualCallers * 3 + Double(callers)) / 4
    }

    mutating func callTook(_ duration: Duration) {
        self.usualDuration = self.usualDuration == .zero ? duration : (self.usualDuration * 3 + duration) / 4
    }

    /// How long the next call should wait; nil when it may begin now.
    ///
    /// Callers who have their calls to themselves are not many, and are not made to wait. One call for a single caller says
    /// little, though: after each answer to many, the first of them to come back is alone.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - maxCalls: How many calls may run at once.
    ///   - isIdle: Whether none runs, so that there is none to be drawn apart from.
    /// - Returns: The pause, if it is worth a timer.
    func pause(now: ContinuousClock.Instant, maxCalls: Int, isIdle: Bool) -> Duration? {
        guard self.usualCallers >= 2, let latestStart else { return nil }
        let distance = isIdle ? Self.leastDistance : max(self.usualDuration / maxCalls, Self.leastDistance)
        let pause = distance - (now - latestStart)
        return pause >= Self.shortestPause ? pause : nil
    }
}
