/// Keeps the starts of shared calls apart while many callers share each.
///
/// Calls that begin together end together, and everyone who came meanwhile waits for a whole call before their own begins.
/// When they begin at even distances, nobody waits longer for a start than the `maxCalls`-th part of a call.
///
/// A vault that answers at once would be asked without a break, for a handful of callers each time, and the asking would
/// take the time in which pages are made. Hence a least distance. Where few share a call it follows from how long calls take: on
/// a machine that has nothing else to do a call is soon over, and its callers are soon back with the next questions, while on a
/// busy one both take longer, and so does the distance. A vault that refuses what it is asked gives no reason to ask more often.
struct CallPace: Sendable {
    /// The least distance between two starts while callers share calls, in times of what a call takes.
    ///
    /// About then those who shared the one have had their pages and asked again.
    private static let leastDistanceInCalls = 3
    /// What a page hardly notices: the least distance is never more, and is this until a call has ended.
    private static let longestLeastDistance: Duration = .milliseconds(2)
    /// With more callers than these at a call the processors have enough to do between two of them.
    private static let fewCallers = 16.0
    /// Shorter pauses are not worth a timer.
    private static let shortestPause: Duration = .microseconds(200)

    private var usualDuration: Duration = .zero
    private var latestStart: ContinuousClock.Instant?
    private var usualCallers = 1.0
    private var latestFailed = false

    private var leastDistance: Duration {
        guard self.usualDuration > .zero, self.usualCallers <= Self.fewCallers, !self.latestFailed else {
            return Self.longestLeastDistance
        }
        return min(max(self.usualDuration * Self.leastDistanceInCalls, Self.shortestPause), Self.longestLeastDistance)
    }

    mutating func callStarted(callers: Int, now: ContinuousClock.Instant) {
        self.latestStart = now
        self.usualCallers = (self.usualCallers * 3 + Double(callers)) / 4
    }

    /// A call has brought an error, which says nothing about how long one takes that does not.
    mutating func callFailed() { self.latestFailed = true }

    mutating func callTook(_ duration: Duration) {
        self.latestFailed = false
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
        let distance = isIdle ? self.leastDistance : max(self.usualDuration / maxCalls, self.leastDistance)
        let pause = distance - (now - latestStart)
        return pause >= Self.shortestPause ? pause : nil
    }
}
