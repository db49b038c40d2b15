/// The time was over before the work was done.
package struct DeadlineExceeded: Error {}

/// Runs the body, and cancels it when it takes longer than the limit.
///
/// - Parameters:
///   - limit: How long the body may take.
///   - clock: What measures the time.
///   - body: What ends when it is cancelled.
/// - Returns: What the body returned.
/// - Throws: ``DeadlineExceeded`` after the limit, and what the body threw before it.
package func withDeadline<Value: Sendable>(
    after limit: Duration,
    clock: any Clock<Duration> = ContinuousClock(),
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await clock.sleep(for: limit)
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
