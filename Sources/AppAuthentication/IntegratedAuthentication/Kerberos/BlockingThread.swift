import Foundation
import Locking
import Waiting

/// Runs calls that block on one thread of its own, one after the other, and never waits for them longer than a limit.
///
/// A call that hangs cannot be ended. While one does, and for a while after, further ones are refused at once: it costs its
/// limit once, and one thread, however many callers there are. The thread ends when there is nothing left to do.
final class BlockingThread: Sendable {
    /// The call did not end in time, or an earlier one has not.
    struct Overdue: Error {}

    private struct Job: Sendable {
        let number: Int
        let work: @Sendable () -> Void
    }

    private struct State {
        var waiting: [Job] = []
        var running: Int?
        var isStarted = false
        var nextNumber = 0
        var refusesUntil: ContinuousClock.Instant?
        /// The job whose caller has given up on it.
        var hanging: Int?
    }

    private let state = Mutex(State())
    private let limit: Duration
    private let pause: Duration

    /// Makes a thread, which starts when there is something to do.
    ///
    /// - Parameters:
    ///   - limit: How long a caller waits.
    ///   - pause: For how long after a call that hung no other is tried.
    init(limit: Duration, pause: Duration) {
        self.limit = limit
        self.pause = pause
    }

    /// Runs a call and waits for its result.
    ///
    /// - Throws: What the call threw, ``Overdue``, or `CancellationError`.
    func run<Value: Sendable>(_ call: @escaping @Sendable () throws -> Value) async throws -> Value {
        let result = SharedResult<Value>()
        let number = try self.enqueue { result.complete(Result { try call() }) }
        let deadline = Task { [limit] in
            try await Task.sleep(for: limit)
            self.giveUp(number)
            result.complete(.failure(Overdue()))
        }
        defer { deadline.cancel() }
        do {
            return try await result.value
        } catch is CancellationError {
            self.withdraw(number)
            throw CancellationError()
        }
    }

    private func enqueue(_ work: @escaping @Sendable () -> Void) throws -> Int {
        let (number, starts) = try self.state.withLock { state in
            if state.hanging != nil { throw Overdue() }
            if let time = state.refusesUntil, ContinuousClock.now < time { throw Overdue() }
            state.nextNumber += 1
            state.waiting.append(Job(number: state.nextNumber, work: work))
            defer { state.isStarted = true }
            return (state.nextNumber, !state.isStarted)
        }
        if starts { Thread.detachNewThread { self.work() } }
        return number
    }

    private func work() {
        while let job = self.next() { job.work() }
    }

    private func next() -> Job? {
        self.state.withLock { state in
            if state.hanging == state.running { state.hanging = nil }
            guard !state.waiting.isEmpty else {
                state.running = nil
                state.isStarted = false
                return nil
            }
            let job = state.waiting.removeFirst()
            state.running = job.number
            return job
        }
    }

    private func giveUp(_ number: Int) {
        self.state.withLock { state in
            let isWaiting = state.waiting.contains { $0.number == number }
            state.waiting.removeAll { $0.number == number }
            // A job that only waited in line is overdue because of the one in front.
            guard let running = state.running, isWaiting || running == number else { return }
            state.hanging = running
            state.refusesUntil = ContinuousClock.now + self.pause
        }
    }

    private func withdraw(_ number: Int) {
        self.state.withLock { state in state.waiting.removeAll { $0.number == number } }
    }
}
