import Foundation
import Locking
import Logging
import Waiting

/// The keys of one issuer: fetched when first needed, fetched again as they age or when an unknown one is asked for.
///
/// However many callers wait, one fetch is under way. While the issuer is down the keys that it last published stay
/// good for a day.
actor IssuerKeys {
    struct Timing: Sendable {
        /// Age at which keys are fetched again in the background, so that withdrawn ones are forgotten.
        var refreshAfter: TimeInterval = 60 * 60
        /// Age at which keys are no longer used.
        var discardAfter: TimeInterval = 24 * 60 * 60
        /// Time between two fetches, whatever strangers write into the `kid` of their tokens.
        var pause: TimeInterval = 30
        /// The same while there are no keys at all: nobody can be served, so it is worth trying sooner.
        var pauseWithoutKeys: TimeInterval = 1
    }

    private struct Fetched {
        var keys = KeySet()
        var at = Date.distantPast
    }

    private let discovery: KeyDiscovery
    private let timing: Timing
    private let now: @Sendable () -> Date
    private let logger: Logger

    /// What was fetched last, for whoever asks: a turn on the actor costs a request two changes of jobs.
    private let fetched = Mutex(Fetched())
    private var generation = 0
    private var attemptedAt = Date.distantPast
    private var attemptFailed = false
    private var fetch: Task<Void, any Error>?

    init(
        discovery: KeyDiscovery,
        timing: Timing = Timing(),
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.discovery = discovery
        self.timing = timing
        self.now = now
        self.logger = logger
    }

    /// The key with this identifier.
    ///
    /// - Throws: ``BearerFailure``: `invalid` when the issuer does not publish it, `keysUnavailable` when the issuer
    ///   could not be asked.
    nonisolated(nonsending) func key(_ kid: String) async throws -> PublishedKey {
        if let key = self.freshKey(kid) { return key }
        return try await self.keyOrFetch(kid)
    }

    private nonisolated func freshKey(_ kid: String) -> PublishedKey? {
        let fetched = self.fetched.withLock { $0 }
        let limit = min(self.timing.refreshAfter, self.timing.discardAfter)
        guard self.elapsed(since: fetched.at) < limit else { return nil }
        return fetched.keys[kid]
    }

    private func keyOrFetch(_ kid: String) async throws -> PublishedKey {
        if let key = self.usableKeys?[kid] {
            if self.elapsed(since: self.fetchedAt) >= self.timing.refreshAfter {
                self.startFetchUnlessTooSoon()
            }
            return key
        }
        self.startFetchUnlessTooSoon()
        if let fetch = self.fetch {
            try await value(of: fetch)
        }
        guard let keys = self.usableKeys, !self.attemptFailed || keys[kid] != nil else {
            throw BearerFailure.keysUnavailable
        }
        guard let key = keys[kid] else {
            throw BearerFailure.invalid("The token is signed with a key that its issuer does not publish.")
        }
        return key
    }

    private var fetchedAt: Date { self.fetched.withLock { $0.at } }

    private var usableKeys: KeySet? {
        let fetched = self.fetched.withLock { $0 }
        return self.elapsed(since: fetched.at) < self.timing.discardAfter ? fetched.keys : nil
    }

    /// A clock that was set back counts as time passed, or nothing would be fetched until it catches up.
    private nonisolated func elapsed(since date: Date) -> TimeInterval {
        let elapsed = self.now().timeIntervalSince(date)
        return elapsed < 0 ? .infinity : elapsed
    }

    private func startFetchUnlessTooSoon() {
        let pause = self.usableKeys == nil ? self.timing.pauseWithoutKeys : self.timing.pause
        guard self.fetch == nil, self.elapsed(since: self.attemptedAt) >= pause else {
            return
        }
        self.attemptedAt = self.now()
        // The task belongs to everybody who waits: the deadline of the requests ends it, not one caller's cancellation.
        self.fetch = Task {
            do {
                let keys = try await self.discovery.keys()
                self.generation += 1
                let fetched = Fetched(keys: keys.of(generation: self.generation), at: self.now())
                self.fetched.withLock { $0 = fetched }
                self.attemptFailed = false
            } catch {
                self.attemptFailed = true
                self.logger.warning(
                    "The keys of an issuer could not be fetched",
                    metadata: ["issuer": "\(self.discovery.issuer)", "error": "\(error)"]
                )
            }
            self.fetch = nil
        }
    }
}
