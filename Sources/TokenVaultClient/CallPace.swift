/// Keeps the starts of shared calls apart while many callers share each; all of one key.
///
/// Calls that begin together end together, and everyone who came meanwhile waits for a whole call before their own begins.
/// When they begin at even distances, nobody waits longer for a start than the `maxCalls`-th part of a call.
///
/// A vault that answers at once would be asked without a break, for a handful of callers each time, and the asking would
/// take the time in which pages are made. Hence a least distance.
///
/// Those who have just had their answers are about to ask again, and a call that began at once would have to be waited out by all of
/// them. So the distance is kept from ends too, as long as not everybody is back who usually is here. When they are, nobody
/// else comes until there are answers: with no call under way the next begins then, since the machine would have nothing to do. A
/// vault that refuses what it is asked gives no reason to ask more often.
struct CallPace: Sendable {
    /// The least distance between two starts while callers share calls, in times of what a call takes.
    ///
    /// About then those who shared the one have had their pages and asked again.
    private static let leastDistanceInCalls = 5
    /// What a page hardly notices: the least distance is never more, and is this until a call has ended.
    private static let longestLeastDistance: Duration = .milliseconds(2)
    /// However soon everybody is back: a vault has limits, and one token does not take them up.
    private static let shortestDistance: Duration = .milliseconds(1)
    /// Shorter pauses are not worth a timer.
    private static let shortestPause: Duration = .microseconds(200)
    /// How much of the usual crowd is left at each start, so that those who stay away are not waited for: half after 35.
    private static let crowdDecay = 0.98
    /// A call that has taken more times what calls take than this is no measure of when the next may begin.
    private static let longestLifeInCalls = 4

    private var usualDuration: Duration = .zero
    private var latestStart: ContinuousClock.Instant?
    private var latestEnd: ContinuousClock.Instant?
    private var usualCallers = 1.0
    /// About how many are here at a time at the most, whether they wait or are served.
    private var usualCrowd = 1.0
    private var latestFailed = false

    /// Whether several share a call, as a rule.
    ///
    /// Where two take turns with another two it is close to 2.
    var isShared: Bool { self.usualCallers >= 1.8 }

    /// Whether everybody is back who usually is here, and the vault answers.
    func isWhole(crowd: Int) -> Bool { !self.latestFailed && Double(crowd) >= self.usualCrowd }

    private var leastDistance: Duration {
        guard self.usualDuration > .zero, !self.latestFailed else { return Self.longestLeastDistance }
        let calls = self.usualDuration * Self.leastDistanceInCalls
        return min(max(calls, Self.shortestDistance), Self.longestLeastDistance)
    }

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
        guard self.usualDuration > .zero else {
            self.usualDuration = duration
            return
        }
        // After one that hung, the next would count as usual.
        self.usualDuration = (self.usualDuration * 3 + min(duration, self.longestLife)) / 4
    }

    /// Whether a call that began then is one of those that the next keeps its distance from.
    ///
    /// Else it hangs, and nobody waits for it.
    func isCurrent(_ start: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Bool {
        self.usualDuration == .zero || now - start <= self.longestLife
    }

    private var longestLife: Duration {
        max(self.usualDuration * Self.longestLifeInCalls, Self.longestLeastDistance)
    }

    /// How long the next call should wait; nil when it may begin now.
    ///
    /// Two who have their calls to themselves are not made to wait. From three on the distance is kept: with a call for each of sixteen a
    /// processor would be busy with nothing else, calls would take long by that, and nobody would ever share one. One call for a
    /// single caller says little, though: after each answer to many, the first of them to come back is alone.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - maxCalls: How many calls may run at once.
    ///   - isIdle: Whether none runs that counts, so that there is none to be drawn apart from.
    ///   - crowd: How many callers are here.
    /// - Returns: The pause, if it is worth a timer.
    func pause(now: ContinuousClock.Instant, maxCalls: Int, isIdle: Bool, crowd: Int) -> Duration? {
        guard let latestStart else { return nil }
        let sinceStart = now - latestStart
        var pause: Duration
        if !self.isShared {
            guard !isIdle, crowd > 2 else { return nil }
            pause = max(self.usualDuration / maxCalls, Self.longestLeastDistance) - sinceStart
        } else {
            let isWhole = self.isWhole(crowd: crowd)
            let distance =
                isIdle
                ? isWhole ? Self.shortestDistance : self.leastDistance
                : max(self.usualDuration / maxCalls, self.leastDistance)
            pause = distance - sinceStart
            if !isWhole, let latestEnd {
                let fromEnd = distance - (now - latestEnd)
                // Ends at odd times must not put it off again and again.
                pause = max(pause, isIdle ? fromEnd : min(fromEnd, distance * 2 - sinceStart))
            }
        }
        return pause >= Self.shortestPause ? pause : nil
    }
}
