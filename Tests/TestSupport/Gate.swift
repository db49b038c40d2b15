import Locking

/// Numbers calls as they begin, and lets each end when the test says so.
package final class Gate: Sendable {
    package struct Statistics {
        package fileprivate(set) var begun = 0
        package fileprivate(set) var running = 0
        package fileprivate(set) var most = 0
        package fileprivate(set) var cancelled = 0
    }

    private struct State {
        var statistics = Statistics()
        var open: Set<Int> = []
        var isOpenForAll = false
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var statistics: Statistics { self.state.withLock { $0.statistics } }

    /// Waits until the gate is open for this call, and returns the number of the call; throws when its task is cancelled.
    package func pass() async throws -> Int {
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
                    let isOpen = state.isOpenForAll || state.open.contains(number)
                    if !isOpen { state.waiting[number] = continuation }
                    return isOpen
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

    package func open(_ number: Int) {
        let continuation = self.state.withLock { state in
            state.open.insert(number)
            return state.waiting.removeValue(forKey: number)
        }
        continuation?.resume()
    }

    /// Lets every call pass, those to come too.
    package func openAll() {
        let all = self.state.withLock { state in
            state.isOpenForAll = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in all { continuation.resume() }
    }
}
