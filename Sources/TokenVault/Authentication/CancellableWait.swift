import Locking

/// Waits for a task that others wait for too: when the caller is cancelled it leaves at once, and the task goes on.
func value<Value: Sendable>(of task: Task<Value, any Error>) async throws -> Value {
    let wait = CancellableWait<Value>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            wait.begin(continuation)
            Task {
                wait.end(with: await task.result)
            }
        }
    } onCancel: {
        wait.end(with: .failure(CancellationError()))
    }
}

/// One waiter: the first of result and cancellation resumes it.
private final class CancellableWait<Value: Sendable>: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>)
    }

    private let state = Mutex(State.idle)

    func begin(_ continuation: CheckedContinuation<Value, any Error>) {
        let early: Result<Value, any Error>? = self.state.withLock { state in
            if case .ended(let result) = state {
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        if let early {
            continuation.resume(with: early)
        }
    }

    func end(with result: Result<Value, any Error>) {
        let waiter: CheckedContinuation<Value, any Error>? = self.state.withLock { state in
            switch state {
            case .ended:
                return nil
            case .idle:
                state = .ended(result)
                return nil
            case .waiting(let continuation):
                state = .ended(result)
                return continuation
            }
        }
        waiter?.resume(with: result)
    }
}
