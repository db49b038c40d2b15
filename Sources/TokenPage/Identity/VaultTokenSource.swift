import AppAuthentication
import Foundation
import TokenVaultClient

/// A token of the vault for this process's own identity.
struct VaultTokenSource: Sendable {
    let identity: CallerIdentity
    let vault: TokenVaultCaller

    /// Asks the vault, and once more with a renewed access token if it refuses the first.
    ///
    /// - Throws: ``IdentityTimeout``, what the identity's provider throws, ``VaultError``, or `CancellationError`.
    func token(at tokenURL: URL, until deadline: PageDeadline) async throws -> VaultToken {
        try await withRenewal(
            of: try await self.identity.accessToken(until: deadline),
            by: { try await self.identity.accessToken(insteadOf: $0.token, until: deadline) },
            call: { try await self.vault.token(at: tokenURL, for: $0, until: deadline).value }
        )
    }
}
