import Waiting

@testable import AppAuthentication

extension TokenCache.Shelf {
    /// Looks, and waits where there is something to wait for.
    func token(
        for key: TokenCache.Key,
        forceRefresh: Bool = false,
        acquire: @escaping @Sendable () async throws -> AccessToken
    ) async throws -> AccessToken {
        switch try self.look(for: key, forceRefresh: forceRefresh, acquisition: { .init(acquire: acquire) }) {
        case .token(let token): token
        case .wait(let result): try await result.value
        }
    }
}
