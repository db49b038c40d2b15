package import Foundation

/// A clock that stands still until a test moves it.
///
/// With `movesWhenSlept` every sleep ends at once and moves the clock by its length, for code that waits on its own.
package final class ManualClock: Clock {
    package struct Instant: InstantProtocol, Hashable {
        package var offset: Duration

        package func advanced(by duration: Duration) -> Instant { Instant(offset: self.offset + duration) }
        package func duration(to other: Instant) -> Duration { other.offset - self.offset }
        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleeps: [Duration] = []
        var sleepers: [Int: Sleeper] = [:]
        var nextSleeper = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Box(State())
    private let movesWhenSlept: Bool

    package init(movesWhenSlept: Bool = false) {
        self.movesWhenSlept = movesWhenSlept
    }

    package var now: Instant { self.state.value.now }
    package var minimumResolution: Duration { .nanoseconds(1) }

    /// The date that goes with the instant; the clock starts on 1 January 2026.
    package var date: Date {
        let elapsed = self.now.offset.components
        return Date(timeIntervalSince1970: 1_767_225_600 + Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
    }

    /// How long each sleep so far was to be, in order.
    package var sleeps: [Duration] { self.state.value.sleeps }

    /// Moves the clock and wakes whoever has slept long enough.
    package func advance(by duration: Duration) {
        let awake = self.state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }.map(\.continuation)
        }
        for continuation in awake { continuation.resume() }
    }

    /// Waits until this many tasks sleep on the clock, so that a test can move it at the right moment.
    package func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    package func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try Task.checkCancellation()
        let id = self.state.withLock { state in
            state.sleeps.append(state.now.duration(to: deadline))
            if self.movesWhenSlept { state.now = max(state.now, deadline) }
            state.nextSleeper += 1
            return state.nextSleeper
        }
        if self.movesWhenSlept { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.fallAsleep(Sleeper(deadline: deadline, continuation: continuation), id: id)
            }
        } onCancel: {
            self.state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation
                .resume(throwing: CancellationError())
        }
    }

    private func fallAsleep(_ sleeper: Sleeper, id: Int) {
        var seen: [CheckedContinuation<Void, Never>] = []
        let outcome: Result<Void, any Error>? = self.state.withLock { state in
            if Task.isCancelled { return .failure(CancellationError()) }
            if sleeper.deadline <= state.now { return .success(()) }
            state.sleepers[id] = sleeper
            let count = state.sleepers.count
            seen = state.watchers.filter { $0.count <= count }.map(\.continuation)
            state.watchers.removeAll { $0.count <= count }
            return nil
        }
        if let outcome { sleeper.continuation.resume(with: outcome) }
        for watcher in seen { watcher.resume() }
    }
}
