import Waiting

/// An access token that is being acquired.
package struct PendingToken: Sendable {
    let result: SharedResult<AccessToken>
    let remember: @Sendable (AccessToken) -> Void

    /// Waits for it; a caller that is cancelled leaves alone.
    package var token: AccessToken {
        get async throws {
            let token = try await self.result.value
            self.remember(token)
            return token
        }
    }
}
