import AppAuthentication
import Foundation
import ProgramMetrics
import TokenVaultClient

/// Asks the vault on behalf of many pages, and says in words for a page why there is no token.
final class TokenVaultCaller: Sendable {
    private let client: CoalescingVaultClient
    private let metrics: PageMetrics

    init(client: CoalescingVaultClient, metrics: PageMetrics = PageMetrics()) {
        self.client = client
        self.metrics = metrics
    }

    /// A token that the vault handed out after this moment.
    ///
    /// - Throws: ``VaultError``, also when there is none by the deadline, and `CancellationError`.
    nonisolated(nonsending) func token(
        at tokenURL: URL? = nil,
        for accessToken: AccessToken,
        requestID: String? = nil,
        until deadline: PageDeadline
    ) async throws -> SharedVaultToken {
        self.metrics.vaultAnswer.increment()
        do {
            return try await self.client.sharedToken(
                at: tokenURL,
                bearer: accessToken.token,
                requestID: requestID,
                until: deadline.instant
            )
        } catch let error as RequestCoalescerError where error == .tooManyWaiting {
            throw VaultError(
                .busy,
                "The vault was not asked: too many pages wait for their turn already. Reload this one in a moment."
            )
        } catch let error as RequestCoalescerError where error == .deadlinePassed {
            throw VaultError(
                .timedOut,
                "The vault gave no token within the \(deadline.seconds) seconds that a page may take in all."
            )
        }
    }
}
