import AppAuthentication
import Foundation
import TokenVaultClient

/// A token of the vault for this process's own identity.
struct VaultTokenSource: Sendable {
    let identity: CallerIdentity
    let vault: TokenVaultCaller

    /// Asks the vault, and once more with a renewed access token if it refuses the first (RFC 6750 section 3.1).
    ///
    /// - Throws: ``IdentityTimeout``, what the identity's provider throws, ``VaultError``, or `CancellationError`.
    func token(at tokenURL: URL, until deadline: PageDeadline) async throws -> VaultToken {
        let accessToken = try await self.identity.accessToken(until: deadline)
        do {
            return try await self.vault.token(at: tokenURL, for: accessToken, until: deadline)
        } catch let refusal as VaultError where refusal.refusal?.status == 401 {
            let renewed: AccessToken?
            do {
                renewed = try await self.identity.accessToken(insteadOf: accessToken, until: deadline)
            } catch let cancellation as CancellationError {
                throw cancellation
            } catch {
                // There is an access token, and the vault refused it: that is what has to be said.
                throw refusal
            }
            guard let renewed else { throw refusal }
            return try await self.vault.token(at: tokenURL, for: renewed, until: deadline)
        }
    }
}
