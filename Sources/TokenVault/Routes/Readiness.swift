import Locking
import VaultCore
import Waiting

/// Whether the vault can do its work, found out at most once in a few seconds however many ask.
///
/// Finding out writes to the store and waits for the disk, on the one connection that every read of a token needs too.
final class Readiness: Sendable {
    /// How long an answer holds: a good one longer, so that a vault that works again is soon known to.
    private static let lifetime = (good: Duration.seconds(5), bad: Duration.seconds(1))

    private struct State {
        var check: Task<Void, any Error>?
        var last: (result: Result<Void, any Error>, at: ContinuousClock.Instant)?
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant
    private let find: @Sendable () async throws -> Void

    init(
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        find: @escaping @Sendable () async throws -> Void
    ) {
        self.now = now
        self.find = find
    }

    /// Returns when the vault is ready.
    ///
    /// - Throws: What it lacks, as whatever found it out threw it.
    func check() async throws {
        let now = self.now()
        let check: Task<Void, any Error> = self.state.withLock { state in
            if let check = state.check {
                return check
            }
            if let last = state.last, last.at.duration(to: now) < Self.lifetime(of: last.result) {
                return Task { try last.result.get() }
            }
            let check = Task {
                let result: Result<Void, any Error>
                do {
                    result = .success(try await self.find())
                } catch {
                    result = .failure(error)
                }
                self.state.withLock { state in
                    state.check = nil
                    state.last = (result, self.now())
                }
                try result.get()
            }
            state.check = check
            return check
        }
        try await value(of: check)
    }

    private static func lifetime(of result: Result<Void, any Error>) -> Duration {
        switch result {
        case .success: self.lifetime.good
        case .failure: self.lifetime.bad
        }
    }
}
