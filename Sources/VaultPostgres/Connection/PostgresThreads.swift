import Foundation
import Glibc
import Locking

/// The threads of all pools of this process, each of which has a connection or makes one.
///
/// When the program ends they are waited for a moment: a connection that is cut off in its middle is an error in the server's log.
final class PostgresThreads: Sendable {
    static let shared: PostgresThreads = {
        at_quick_exit { PostgresThreads.shared.finish(within: .milliseconds(500)) }
        return PostgresThreads()
    }()

    private struct State {
        var lastNumber = 0
        /// What asks each of them to end.
        var stops: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Starts a thread, which runs the body; it is asked to end by the other.
    func start(_ body: @escaping @Sendable () -> Void, stop: @escaping @Sendable () -> Void) {
        let number = self.state.withLock { state in
            state.lastNumber += 1
            state.stops[state.lastNumber] = stop
            return state.lastNumber
        }
        Thread.detachNewThread {
            body()
            self.state.withLock { $0.stops[number] = nil }
        }
    }

    /// Asks all to end, and waits for them; blocks.
    private func finish(within limit: Duration) {
        let deadline = ContinuousClock.now + limit
        for stop in self.state.withLock({ Array($0.stops.values) }) { stop() }
        while !self.state.withLock({ $0.stops.isEmpty }), ContinuousClock.now < deadline { usleep(1000) }
    }
}
