/// How far calls keep apart because the vault refuses to be asked more often (429).
///
/// What a vault allows is not known, and others may use it up as well. So a refusal doubles the distance between calls, and each answer
/// takes a little off it: they come about as often as the vault allows. It holds for all calls together, since a vault counts those of a
/// principal, whatever tokens they are about.
///
/// `Retry-After` is not heeded: it has whole seconds, and somebody waits for a page.
struct CallThrottle: Sendable {
    /// A page waits no longer than this for its next try.
    private static let longestDistance: Duration = .milliseconds(250)
    /// What the first refusal doubles at least.
    private static let shortestDistance: Duration = .milliseconds(1)
    /// How much of the distance is left after each answer: half after 23.
    private static let decay = 0.97
    /// After so long without a refusal nobody knows about the limit any more; a vault gives what it allows anew each second.
    private static let memory: Duration = .seconds(10)
    /// Shorter pauses are not worth a timer.
    private static let shortestPause: Duration = .microseconds(200)

    private var distance: Duration = .zero
    /// How far apart calls begin of late.
    private var usualDistance: Duration = .zero
    private var latestStart: ContinuousClock.Instant?
    private var latestRefusal: ContinuousClock.Instant?

    /// Until when no call should begin; nil when one may now.
    mutating func end(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard self.distance > .zero, let latestStart, let latestRefusal else { return nil }
        guard now - latestRefusal < Self.memory else {
            self.distance = .zero
            return nil
        }
        let end = max(latestStart, latestRefusal) + self.distance
        return end - now >= Self.shortestPause ? end : nil
    }

    mutating func started(now: ContinuousClock.Instant) {
        if let latestStart {
            let distance = min(now - latestStart, Self.longestDistance)
            self.usualDistance = (self.usualDistance * 3 + distance) / 4
        }
        self.latestStart = now
    }

    /// A call was refused for being one too many.
    ///
    /// Those that began before the latest refusal say nothing about the distance since.
    mutating func refused(start: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        guard self.latestRefusal.map({ start >= $0 }) ?? true else { return }
        self.latestRefusal = now
        let distance = max(self.distance, self.usualDistance, Self.shortestDistance)
        self.distance = min(distance * 2, Self.longestDistance)
    }

    /// A call had its answer; one that began before the latest refusal says nothing.
    mutating func answered(start: ContinuousClock.Instant) {
        guard let latestRefusal, start >= latestRefusal else { return }
        self.distance = self.distance * Self.decay
        if self.distance < Self.shortestDistance / 2 { self.distance = .zero }
    }
}
