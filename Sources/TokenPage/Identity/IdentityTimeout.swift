import Waiting

/// No access token within the time that a page may wait for one; the acquisition goes on for the pages after it.
struct IdentityTimeout: Error {
    /// Leaves half of the page's time to the vault.
    static let limit: Duration = .seconds(25)

    /// Runs the body until the limit, or until the page's own deadline where that is earlier.
    static func wait<Value: Sendable>(
        until deadline: PageDeadline,
        for body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await self.wait(limit: min(self.limit, deadline.remaining), for: body)
    }

    /// Runs the body, and cancels it when it takes longer than the limit.
    ///
    /// - Returns: What the body returned.
    /// - Throws: ``IdentityTimeout`` after the limit, and what the body threw before it.
    static func wait<Value: Sendable>(
        limit: Duration = Self.limit,
        for body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await withDeadline(after: limit, body)
        } catch is DeadlineExceeded {
            throw IdentityTimeout()
        }
    }
}
