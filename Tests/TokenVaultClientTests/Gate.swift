import Locking
import Testing

/// Numbers calls as they begin, and lets each end when the test says so.
final class Gate: Sendable {
    struct Statistics {
        var begun = 0
        var running = 0
        var most = 0
        var cancelled = 0
    }

    private struct State {
        var statistics = Statistics()
        var open: Set<Int> = []
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state = Mutex(State())

    var statistics: Statistics { self.state.withLock { $0.statistics } }

    func reaches(_ condition: (Statistics) -> Bool) async throws {
        try await eventually { condition(self.statistics) }
    }

    func pass() async throws -> Int {
        let number = self.state.withLock { state in
            state.statistics.running += 1
            state.statistics.most = max(state.statistics.most, state.statistics.running)
            state.statistics.begun += 1
            return state.statistics.begun - 1
        }
        defer { self.state.withLock { $0.statistics.running -= 1 } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOpen = self.state.withLock { state in
                    if !state.open.contains(number) { state.waiting[number] = continuation }
                    return state.open.contains(number)
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            let continuation = self.state.withLock { state in
                state.statistics.cancelled += 1
                return state.waiting.removeValue(forKey: number)
            }
            continuation?.resume(throwing: CancellationError())
        }
        return number
    }

    func open(_ number: Int) {
        let continuation = self.state.withLock { state in
            state.open.insert(number)
            return state.waiting.removeValue(forKey: number)
        }
        continuation?.resume()
    }
}

/// A clock that only says what came first, and a count of the calls that run.
final class Stamps: Sendable {
    private struct State {
        var now = 0
        var running = 0
        var most = 0
    }

    private let state = Mutex(State())

    var most: Int { self.state.withLock { $0.most } }

    func next() -> Int {
        self.state.withLock { state in
            state.now += 1
            return state.now
        }
    }

    func begin() -> Int {
        self.state.withLock { state in
            state.now += 1
            state.running += 1
            state.most = max(state.most, state.running)
            return state.now
        }
    }

    func end() {
        self.state.withLock { $0.running -= 1 }
    }
}

/// Waits with a bound that is long enough for any machine.
func eventually(_ condition: () -> Bool) async throws {
    for _ in 0..<4000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it never came to be so")
}
