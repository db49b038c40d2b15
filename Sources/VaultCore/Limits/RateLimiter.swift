/// Lets so many a second pass, each key for itself, and twice as many at once after a pause: a token bucket.
///
/// Of each key it remembers one moment, that at which its bucket would be full (the generic cell rate algorithm), and forgets it
/// when that has come. Keys beyond a bound share one bucket, so that many principals cannot fill the memory. A pure value: the
/// time, since any moment, is given to it.
package struct RateLimiter<Key: Hashable & Sendable>: Sendable {
    package static var maxKeys: Int { 10_000 }

    /// Between two that may pass.
    private let interval: Duration
    /// How far ahead the moment may lie.
    private let tolerance: Duration
    private var full: [Key: Duration] = [:]
    private var othersFull: Duration?
    private var sweptAt: Duration?

    /// - Parameter rate: How many a second, at least one.
    package init(rate: Int) {
        self.interval = .seconds(1) / max(rate, 1)
        self.tolerance = self.interval * (2 * max(rate, 1))
    }

    /// How many keys are remembered.
    package var count: Int { self.full.count }

    /// Lets one pass, or says after which time it may; whoever is refused takes nothing from the bucket.
    package mutating func pause(_ key: Key, at now: Duration) -> Duration? {
        if self.full[key] == nil, self.full.count >= Self.maxKeys { self.sweep(at: now) }
        let isShared = self.full[key] == nil && self.full.count >= Self.maxKeys
        let next = max((isShared ? self.othersFull : self.full[key]) ?? now, now) + self.interval
        guard next - now <= self.tolerance else { return next - now - self.tolerance }
        if isShared { self.othersFull = next } else { self.full[key] = next }
        return nil
    }

    /// Forgets full buckets; at most once in the time that one takes to fill, since it looks at all of them.
    private mutating func sweep(at now: Duration) {
        if let sweptAt, now - sweptAt < self.tolerance { return }
        self.sweptAt = now
        self.full = self.full.filter { $0.value > now }
    }
}
