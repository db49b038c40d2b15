import Locking

/// Lets many callers share few calls, and gives none of them an answer that is older than its question.
///
/// For each key up to `maxCalls` calls run at once. A caller that comes while fewer run starts one. A caller that finds all
/// of them busy waits for the next to start, together with everyone else who is waiting for it: it never gets the answer
/// of a call that began before it came. While calls are shared they begin at even distances, so that the next one is never
/// far away. An error is shared like an answer, and neither is remembered.
///
/// A cancelled caller leaves alone and at once. A call whose callers have all left is cancelled. A call has to bring its
/// own deadline.
package final class SharedCalls<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
    package typealias Call = @Sendable () async throws -> Answer
    private typealias Line = SharedCallsState<CheckedContinuation<Answer, any Error>, Call>

    private struct State {
        var lines: [Key: Line] = [:]
        var nextID: Line.ID = 0
    }

    private let maxCalls: Int
    private let sharing: Bool
    private let state = Mutex(State())

    /// Creates a table without calls.
    ///
    /// - Parameters:
    ///   - maxCalls: How many calls run at once for a key, at least one.
    ///   - sharing: Whether callers share calls. Without it every caller has a call of its own, in the order of arrival.
    package init(maxCalls: Int, sharing: Bool = true) {
        self.maxCalls = maxCalls
        self.sharing = sharing
    }

    /// The keys for which a call runs at the moment.
    package var activeKeyCount: Int { self.state.withLock { $0.lines.count } }

    /// How many callers wait for an answer about a key at the moment.
    package func callerCount(for key: Key) -> Int { self.state.withLock { $0.lines[key]?.callerCount ?? 0 } }

    /// Gets the answer of a call that begins after this moment.
    ///
    /// - Parameters:
    ///   - key: What the call is about; callers with different keys never wait for each other.
    ///   - call: Makes the call. Those who wait for the same one have all brought this; it runs once, outside of any
    ///     caller's task.
    /// - Returns: What the call returned.
    /// - Throws: What the call threw, or `CancellationError` when the caller's task was cancelled.
    package func value(for key: Key, _ call: @escaping Call) async throws -> Answer {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.perform(
                    self.state.withLock { state in
                        state.lines[key, default: Line(maxCalls: self.maxCalls, sharing: self.sharing)]
                            .arrive(continuation, id: id, work: call, now: .now)
                    },
                    for: key
                )
                if Task.isCancelled {
                    // The handler may have run before there was anybody to take out.
                    self.leave(id, key)
                }
            }
        } onCancel: {
            self.leave(id, key)
        }
    }

    private func perform(_ next: Line.Next?, for key: Key) {
        switch next {
        case .start(let start):
            self.start(start, for: key)
        case .pause(let duration):
            Task.detached {
                try? await Task.sleep(for: duration)
                self.perform(self.state.withLock { $0.lines[key]?.paceIsOver(now: .now) }, for: key)
            }
        case nil:
            break
        }
    }

    private func start(_ start: Line.Start, for key: Key) {
        let task = Task.detached {
            let result: Result<Answer, any Error>
            do {
                result = .success(try await start.work())
            } catch {
                result = .failure(error)
            }
            self.ended(start.id, key, result)
        }
        if self.state.withLock({ $0.lines[key]?.started(start.id, task: task) ?? false }) {
            task.cancel()
        }
    }

    private func ended(_ id: Line.ID, _ key: Key, _ result: Result<Answer, any Error>) {
        let outcome = self.state.withLock { state in
            let outcome = state.lines[key]?.ended(id, now: .now)
            if state.lines[key]?.isIdle ?? false {
                state.lines[key] = nil
            }
            return outcome
        }
        self.perform(outcome?.next, for: key)
        for caller in outcome?.callers ?? [] {
            caller.resume(with: result)
        }
    }

    private func leave(_ id: Line.ID, _ key: Key) {
        let left = self.state.withLock { state in
            let left = state.lines[key]?.leave(id)
            if state.lines[key]?.isIdle ?? false {
                state.lines[key] = nil
            }
            return left
        }
        left?.caller?.resume(throwing: CancellationError())
        left?.abandoned?.cancel()
    }
}
