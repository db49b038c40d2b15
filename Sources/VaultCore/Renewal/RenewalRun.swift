import Locking

/// A renewal that is under way, and those who wait for it; it goes on when they leave.
final class RenewalRun: Sendable {
    private struct State {
        var end: RenewalEnd?
        var waiting: [Int: CheckedContinuation<RenewalEnd?, Never>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    func finish(_ end: RenewalEnd) {
        let waiting = self.state.withLock { state in
            state.end = end
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: end) }
    }

    /// What came of it; nil when that takes longer, or whoever waits is gone.
    func end(within patience: Duration, clock: LeaseClock) async -> RenewalEnd? {
        let id = self.state.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = Task {
            try await clock.sleep(patience)
            self.leave(id)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let end = self.state.withLock { state in
                    if state.end == nil { state.waiting[id] = continuation }
                    return state.end
                }
                if let end { continuation.resume(returning: end) }
                if Task.isCancelled { self.leave(id) }
            }
        } onCancel: {
            self.leave(id)
        }
    }

    private func leave(_ id: Int) {
        self.state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: nil)
    }
}
