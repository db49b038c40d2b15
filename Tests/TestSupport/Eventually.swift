/// How long tests have patience with a machine that is slow, or busy with other tests.
package enum Patience {
    /// For what happens soon anywhere: longer than any machine takes, so that nothing but what never happens meets it.
    package static let limit: Duration = .seconds(120)
}

/// Waits until a condition holds, or gives up after a time that is long enough for any machine.
package func eventually(
    within limit: Duration = Patience.limit,
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
