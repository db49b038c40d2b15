import Locking

/// The outcome of one piece of work that any number of callers wait for.
///
/// A caller that is cancelled leaves at once, and neither the work nor another caller notices.
package final class SharedResult<Value: Sendable>: Sendable {
    private struct State {
        var outcome: Result<Value, any Error>?
        var waiting: [Int: CheckedContinuation<Value, any Error>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Waits for the outcome.
    package var value: Value {
        get async throws {
            let waiter = self.state.withLock { state in
                state.nextWaiter += 1
                return state.nextWaiter
            }
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    // Asked under the lock: a cancellation from here on finds the entry, an earlier one is seen here.
                    let known: Result<Value, any Error>? = self.state.withLock { state in
                        if let outcome = state.outcome { return outcome }
                        if Task.isCancelled { return .failure(CancellationError()) }
                        state.waiting[waiter] = continuation
                        return nil
                    }
                    if let known { continuation.resume(with: known) }
                }
            } onCancel: {
                self.state.withLock { $0.waiting.removeValue(forKey: waiter) }?
                    .resume(throwing: CancellationError())
            }
        }
    }

    /// Hands the outcome to everyone who waits, and to everyone who comes later; only the first one counts.
    package func complete(_ outcome: Result<Value, any Error>) {
        let waiting = self.state.withLock { state in
            guard state.outcome == nil else { return [:] as [Int: CheckedContinuation<Value, any Error>] }
            state.outcome = outcome
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values {
            continuation.resume(with: outcome)
        }
    }
}

/// Waits for a task that others wait for too: when the caller is cancelled it leaves at once, and the task goes on.
package func value<Value: Sendable>(of task: Task<Value, any Error>) async throws -> Value {
    let result = SharedResult<Value>()
    Task { result.complete(await task.result) }
    return try await result.value
}
