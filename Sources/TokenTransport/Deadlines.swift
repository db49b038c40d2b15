import Dispatch
import Locking

/// Ends exchanges whose time is over.
///
/// One timer serves all of them: nearly all end long before their deadline, and to set and to cancel a timer for each would
/// wake Dispatch's own thread twice a request.
final class Deadlines: Sendable {
    private struct State {
        var entries: [ObjectIdentifier: (deadline: ContinuousClock.Instant, call: URLSessionCall)] = [:]
        /// When the timer fires next; it may be earlier than the first deadline, never later.
        var wake: ContinuousClock.Instant?
        var timer: (any DispatchSourceTimer)?
    }

    private let queue: DispatchQueue
    private let state = Mutex(State())

    init(queue: DispatchQueue) {
        self.queue = queue
    }

    deinit {
        self.state.withLock { $0.timer?.cancel() }
    }

    func watch(_ call: URLSessionCall, for timeout: Duration) {
        let deadline = ContinuousClock.now + timeout
        self.state.withLock { state in
            state.entries[ObjectIdentifier(call)] = (deadline, call)
            guard state.wake.map({ deadline < $0 }) ?? true else { return }
            self.wake(at: deadline, &state)
        }
    }

    func forget(_ call: URLSessionCall) {
        self.state.withLock { _ = $0.entries.removeValue(forKey: ObjectIdentifier(call)) }
    }

    private func wake(at deadline: ContinuousClock.Instant?, _ state: inout State) {
        state.wake = deadline
        guard let deadline else { return }
        let seconds = (deadline - .now) / .seconds(1)
        let timer = state.timer ?? self.makeTimer()
        timer.schedule(deadline: .now() + seconds, leeway: .milliseconds(1))
        if state.timer == nil { timer.resume() }
        state.timer = timer
    }

    private func makeTimer() -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: self.queue)
        timer.setEventHandler { [weak self] in self?.check() }
        return timer
    }

    private func check() {
        let expired = self.state.withLock { state in
            let now = ContinuousClock.now
            let expired = state.entries.values.filter { $0.deadline <= now }
            for entry in expired { state.entries[ObjectIdentifier(entry.call)] = nil }
            self.wake(at: state.entries.values.map(\.deadline).min(), &state)
            return expired
        }
        for entry in expired { entry.call.expire() }
    }
}
