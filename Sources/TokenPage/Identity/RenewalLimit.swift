import Locking

/// Says whether an access token may be renewed before its time: together with a renewal that is going on, or when the
/// last one is long enough ago.
final class RenewalLimit: Sendable {
    private struct State {
        var running = 0
        var lastBegin: ContinuousClock.Instant?
    }

    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        interval: Duration = .seconds(30),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.interval = interval
        self.now = now
    }

    /// Whether to renew.
    ///
    /// After `true`, call ``end()`` when the renewal is over.
    func begin() -> Bool {
        let now = self.now()
        return self.state.withLock { state in
            if state.running == 0 {
                if let last = state.lastBegin, now - last < self.interval {
                    return false
                }
                state.lastBegin = now
            }
            state.running += 1
            return true
        }
    }

    func end() {
        self.state.withLock { $0.running -= 1 }
    }
}
