package import AppAuthentication
import Foundation
package import VaultAPI

/// Asks the vault on behalf of many pages: those that arrive while it is busy share its next answer.
///
/// The vault sees no more than `maxCalls` calls at once from this process, also while an old access token and its
/// successor are both in use.
package struct TokenVaultCaller: Sendable {
    /// Who shares an answer: pages that ask for the same token with the same access token.
    ///
    /// The access token is part of it, so that a page that renewed its own never gets the refusal that the old one met.
    private struct Caller: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
        let tokenURL: URL
        let principal: Principal
        let bearer: String

        /// The end of a JWT is its signature, which tells two of them apart at a fraction of the cost of the whole.
        func hash(into hasher: inout Hasher) {
            for byte in self.bearer.utf8.suffix(16) { hasher.combine(byte) }
        }

        var description: String { "Caller(\(self.principal), bearer: <redacted>)" }
        var customMirror: Mirror { Mirror(self, children: ["bearer": "<redacted>"]) }
    }

    /// How many pages may wait for each call that may be under way, when pages do not share calls: the last of them waits
    /// as long as that many calls take, and more would mostly wait in vain.
    private static let maxWaitingPerCall = 16

    private let client: VaultClient
    private let calls: SharedCalls<Caller, VaultToken>

    package init(client: VaultClient, maxCalls: Int, sharing: Bool = true) {
        self.client = client
        self.calls = SharedCalls(
            maxCalls: maxCalls,
            maxWaiting: maxCalls * Self.maxWaitingPerCall,
            sharing: sharing
        )
    }

    /// A token that the vault handed out after this moment.
    ///
    /// - Throws: ``VaultError``, also when there is none by the deadline, and `CancellationError`.
    package func token(for accessToken: AccessToken, until deadline: PageDeadline) async throws -> VaultToken {
        let caller = Caller(
            tokenURL: self.client.tokenURL,
            principal: accessToken.principal,
            bearer: accessToken.token
        )
        let client = self.client
        do {
            return try await self.calls.value(for: caller, until: deadline.instant) {
                let token = try await client.token(bearer: caller.bearer)
                // Whatever answers with what it was sent is no vault, and the access token must not come onto the page.
                guard !token.accessToken.contains(caller.bearer) else {
                    throw VaultError(.unreadable, "The vault sent the access token back instead of a token.")
                }
                return token
            }
        } catch SharedCallsError.tooManyWaiting {
            throw VaultError(
                .busy,
                "The vault was not asked: too many pages wait for their turn already. Reload this one in a moment."
            )
        } catch SharedCallsError.deadlinePassed {
            throw VaultError(
                .timedOut,
                "The vault gave no token within the \(deadline.seconds) seconds that a page may take in all."
            )
        }
    }
}
