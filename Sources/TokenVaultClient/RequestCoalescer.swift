import Locking

/// Lets many callers share few calls, and gives none of them an answer that is older than its question.
///
/// Up to `maxCalls` calls run at once, whatever they are about. A caller that comes while fewer run starts one, unless others
/// share calls about the same key: these begin at even distances, so that the next one is never far away. A caller that has to
/// wait does so for the next call to start about its key, together with everyone else who is waiting for it: it never gets the
/// answer of a call that began before it came. Calls start in the order in which their time came. An error is shared like an
/// answer, and neither is remembered. An error that says that calls are made too often is no answer: calls begin less often then, and
/// those who shared it wait for one that begins later, unless they have met nothing else for half a second.
///
/// A cancelled caller leaves alone and at once, and so does one whose deadline passes. A call whose callers have all left
/// is cancelled. A call has to bring its own deadline.
public final class RequestCoalescer<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
    /// Makes one call, whose answer is shared.
    public typealias Call = @Sendable () async throws -> Answer
    private typealias Lines = RequestCoalescerState<Key, CheckedContinuation<Answer, any Error>, Call>

    private struct State {
        var lines: Lines
        var nextID: Lines.ID = 0
    }

    private let state: Mutex<State>
    private let isThrottling: @Sendable (any Error) -> Bool

    /// Creates a table without calls.
    ///
    /// - Parameters:
    ///   - maxCalls: How many calls run at once, at least one.
    ///   - maxWaiting: How many calls may wait to be started. With sharing there is one for each key at the most.
    ///   - sharing: Whether callers share calls. Without it every caller has a call of its own, in the order of arrival.
    ///   - isThrottling: Whether a call's error says that such calls are made too often.
    public init(
        maxCalls: Int,
        maxWaiting: Int = .max,
        sharing: Bool = true,
        isThrottling: @escaping @Sendable (any Error) -> Bool = { _ in false }
    ) {
        self.isThrottling = isThrottling
        self.state = Mutex(State(lines: Lines(maxCalls: maxCalls, maxWaiting: maxWaiting, sharing: sharing)))
    }

    /// The calls that run or wait at the moment.
    public var callCount: Int { self.state.withLock { $0.lines.callCount } }

    /// How many callers wait for an answer about a key at the moment.
    public func callerCount(for key: Key) -> Int { self.state.withLock { $0.lines.callerCount(for: key) } }

    /// Gets the answer of a call that begins after this moment.
    ///
    /// - Parameters:
    ///   - key: What the call is about.
    ///   - deadline: Until when the caller waits; without one as long as the calls take.
    ///   - call: Makes the call. Those who wait for the same one have all brought this; it runs once, outside of any
    ///     caller's task.
    /// - Returns: What the call returned.
    /// - Throws: What the call threw, ``RequestCoalescerError``, or `CancellationError` when the caller's task was cancelled.
    nonisolated(nonsending) public func value(
        for key: Key,
        until deadline: ContinuousClock.Instant? = nil,
        _ call: @escaping Call
    ) async throws -> Answer {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                do {
                    self.perform(
                        try self.state.withLock { state throws(RequestCoalescerError) in
                            try state.lines.arrive(
                                continuation,
                                id: id,
                                key: key,
                                deadline: deadline,
                                work: call,
                                now: .now
                            )
                        }
                    )
                } catch {
                    continuation.resume(throwing: error)
                }
                if Task.isCancelled {
                    // The handler may have run before there was anybody to take out.
                    self.leave(id)
                }
            }
        } onCancel: {
            self.leave(id)
        }
    }

    private func perform(_ next: Lines.Next) {
        for start in next.starts {
            self.start(start)
        }
        if let pause = next.pause {
            Task.detached {
                try? await Task.sleep(until: pause.end)
                self.perform(self.state.withLock { $0.lines.pauseIsOver(pause, now: .now) })
            }
        }
        if let end = next.throttle {
            Task.detached {
                try? await Task.sleep(until: end)
                self.perform(self.state.withLock { $0.lines.throttleIsOver(now: .now) })
            }
        }
        self.check(at: next.check)
    }

    private func start(_ start: Lines.Start) {
        let task = Task.detached {
            let result: Result<Answer, any Error>
            do {
                result = .success(try await start.work())
            } catch {
                result = .failure(error)
            }
            self.ended(start.id, result)
        }
        if self.state.withLock({ $0.lines.started(start.id, task: task) }) {
            task.cancel()
        }
    }

    private func ended(_ id: Lines.ID, _ result: Result<Answer, any Error>) {
        let outcome: Lines.Line.Outcome =
            switch result {
            case .success: .answered
            case .failure(let error): self.isThrottling(error) ? .throttled : .failed
            }
        let (callers, next) = self.state.withLock { state in
            state.nextID += 1
            return state.lines.ended(id, outcome, nextID: state.nextID, now: .now)
        }
        self.perform(next)
        for caller in callers {
            caller.resume(with: result)
        }
    }

    private func leave(_ id: Lines.ID) {
        self.perform(self.state.withLock { $0.lines.leave(id) }, CancellationError())
    }

    private func perform(_ leave: Lines.Leave, _ error: any Error) {
        leave.caller?.resume(throwing: error)
        leave.abandoned?.cancel()
    }

    /// Looks at a moment whose time is over.
    private func check(at moment: ContinuousClock.Instant?) {
        guard let moment else { return }
        Task.detached { [weak self] in
            try? await Task.sleep(until: moment)
            guard let self else { return }
            let (leaves, check) = self.state.withLock { $0.lines.expire(now: .now) }
            for leave in leaves {
                self.perform(leave, RequestCoalescerError.deadlinePassed)
            }
            self.check(at: check)
        }
    }
}
