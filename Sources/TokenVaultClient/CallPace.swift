/// Keeps the starts of shared calls apart while many callers share each.
///
/// Calls that begin together end together, and everyone who came meanwhile waits for a whole call before their own begins.
/// When they begin at even distances, nobody waits longer for a start than the `maxCalls`-th part of a call.
///
/// A vault that answers at once would be asked without a break, for a handful of callers each time, and the asking would
/// take the time in which pages are made. Hence a least distance.
///
/// Those who have just had their answers are about to ask again, and a call that began at once would have to be waited out by all of
/// them. So the distance is kept from ends too, as long as not everybody is back who usually is here. When they are, nobody
/// else comes until there are answers: with no call under way the next begins then, whatever the distance, since the machine would
/// have nothing to do. A vault that refuses what it is asked gives no reason to ask more often.
struct CallPace: Sendable {
    /// The least distance between two starts while callers share calls: what a page hardly notices.
    static let leastDistance: Duration = .milliseconds(2)
    /// Shorter pauses are not worth a timer.
    private static let shortestPause: Duration = .microseconds(200)
    /// How much of the usual crowd is left at each start, so that those who stay away are not waited for: half after 35.
    private static let crowdDecay = 0.98

    private var usualDuration: Duration = .zero
    private var latestStart: ContinuousClock.Instant?
    private var latestEnd: ContinuousClock.Instant?
    private var usualCallers = 1.0
    /// About how many are here at a time at the most, whether they wait or are served.
    private var usualCrowd = 1.0
    private var latestFailed = false

    /// - Parameters:
    ///   - callers: How many share the call.
    ///   - crowd: How many are here, these among them.
    ///   - now: The time.
    mutating func callStarted(callers: Int, crowd: Int, now: ContinuousClock.Instant) {
        self.latestStart = now
        self.usualCallers = (self.usualCallers * 3 + Double(callers)) / 4
        self.usualCrowd = max(self.usualCrowd * Self.crowdDecay, Double(crowd))
    }

    /// A call has brought an error, which says nothing about how long one takes that does not.
    mutating func callFailed(now: ContinuousClock.Instant) {
        self.latestEnd = now
        self.latestFailed = true
    }

    mutating func callTook(_ duration: Duration, now: ContinuousClock.Instant) {
        self.latestEnd = now
        self.latestFailed = false
        self.usualDuration = self.usualDuration == .zero ? duration : (self.usualDuration * 3 + duration) / 4
    }

    private var isShared: Bool {
        let isInstant = self.usualDuration > .zero && self.usualDuration < Self.leastDistance
        return self.usualCallers >= 2 || isInstant && self.usualCrowd > 1.5
    }

    /// Whether as many are here as usually are.
    func isWhole(crowd: Int) -> Bool { !self.latestFailed && Double(crowd) >= self.usualCrowd }

    /// How long the next call should wait; nil when it may begin now.
    ///
    /// Callers who have their calls to themselves are not many, and are not made to wait; but where a call takes next to no time, a
    /// handful of them get their answers sooner together. One call for a single caller says little, though: after each answer to many,
    /// the first of them to come back is alone.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - maxCalls: How many calls may run at once.
    ///   - isIdle: Whether none runs, so that there is none to be drawn apart from.
    ///   - crowd: How many callers are here.
    /// - Returns: The pause, if it is worth a timer.
    func pause(now: ContinuousClock.Instant, maxCalls: Int, isIdle: Bool, crowd: Int) -> Duration? {
        guard self.isShared, var latest = self.latestStart else { return nil }
        if !self.isWhole(crowd: crowd), let latestEnd { latest = max(latest, latestEnd) }
        let distance = isIdle ? Self.leastDistance : max(self.usualDuration / maxCalls, Self.leastDistance)
        let pause = distance - (now - latest)
        return pause >= Self.shortestPause ? pause : nil
    }
}
