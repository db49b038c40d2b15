import Locking

/// Says whether an access token may be renewed before its time: together with a renewal that is going on, or when the
/// last one is long enough ago.
package final class RenewalLimit: Sendable {
    private struct State {
        var running = 0
        var lastBegin: ContinuousClock.Instant?
    }

    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    package init(
        interval: Duration = .seconds(30),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.interval = interval
        self.now = now
    }

    /// Another access token than one that the vault refused, or nil when there is none to be had now.
    ///
    /// A thousand callers that were refused with the same token lead to one renewal, and a vault that refuses every token
    /// leads to one in an interval.
    ///
    /// - Parameters:
    ///   - isRefused: Whether a token is the one that was refused.
    ///   - current: Gets the token that everybody uses.
    ///   - renewed: Gets a new one in its place.
    /// - Returns: The other token.
    /// - Throws: What the two threw.
    package func replacement<Token: Sendable>(
        ofThoseThat isRefused: (Token) -> Bool,
        current: () async throws -> Token,
        renewed: () async throws -> Token
    ) async throws -> Token? {
        let token = try await current()
        guard isRefused(token) else { return token }
        guard self.begin() else {
            let token = try await current()
            return isRefused(token) ? nil : token
        }
        defer { self.end() }
        return try await renewed()
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
