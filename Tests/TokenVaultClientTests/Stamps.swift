import Locking
import TestSupport
import Testing

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

extension Gate {
    func reaches(_ condition: (Statistics) -> Bool) async throws {
        guard try await eventually({ condition(self.statistics) }) else {
            Issue.record("it never came to be so")
            return
        }
    }
}
