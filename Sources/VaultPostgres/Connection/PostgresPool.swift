import Foundation
import Locking
import VaultCore

/// A few connections, each with a thread of its own that waits for it: nothing here blocks the threads of Swift's tasks.
///
/// A thread is started, and connects, when there is more to do than the others are free for. A connection that failed is not used
/// again.
final class PostgresPool: Sendable {
    private let queue: PostgresQueue

    /// - Parameters:
    ///   - connector: Makes them.
    ///   - limit: How many connections there are at the most; nil for as many as the address says.
    init(connector: PostgresConnector, limit: Int? = nil) {
        self.queue = PostgresQueue(connector: connector, limit: limit ?? connector.address.connections)
    }

    deinit { self.queue.stop() }

    /// Runs something with a connection.
    ///
    /// It has until the deadline; so has the wait for a connection before it. What has begun is not cancelled.
    ///
    /// - Throws: What the body throws; ``PostgresFailure`` of the kind `notConnected` when it did not begin;
    ///   `CancellationError`.
    func run<Result: Sendable>(
        until deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable (PostgresConnection) throws -> Result
    ) async throws -> Result {
        let number = self.queue.nextNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.queue.add(
                    PostgresJob(
                        number: number,
                        deadline: deadline,
                        run: { connection in
                            guard ContinuousClock.now < deadline else {
                                return { continuation.resume(throwing: PostgresFailure.late) }
                            }
                            connection.deadline = deadline
                            let result = Swift.Result { try body(connection) }
                            return { continuation.resume(with: result) }
                        },
                        fail: { continuation.resume(throwing: $0) }
                    )
                )
                if Task.isCancelled { self.queue.cancel(number) }
            }
        } onCancel: {
            self.queue.cancel(number)
        }
    }
}

/// Something to be done with a connection: either of the two is called, once.
struct PostgresJob: Sendable {
    let number: Int
    let deadline: ContinuousClock.Instant
    /// Returns what tells whoever waits, when the connection is free again.
    let run: @Sendable (PostgresConnection) -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
}
