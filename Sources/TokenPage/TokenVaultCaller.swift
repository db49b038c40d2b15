package import AppAuthentication
import Foundation
package import VaultAPI

/// Asks the vault on behalf of many pages: those that arrive while it is busy share its next answer.
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

    private let client: VaultClient
    private let calls: SharedCalls<Caller, VaultToken>

    package init(client: VaultClient, maxCalls: Int, sharing: Bool = true) {
        self.client = client
        self.calls = SharedCalls(maxCalls: maxCalls, sharing: sharing)
    }

    /// A token that the vault handed out after this moment.
    package func token(for accessToken: AccessToken) async throws -> VaultToken {
        let caller = Caller(
            tokenURL: self.client.tokenURL,
            principal: accessToken.principal,
            bearer: accessToken.token
        )
        let client = self.client
        return try await self.calls.value(for: caller) {
            let token = try await client.token(bearer: caller.bearer)
            // Whatever answers with what it was sent is no vault, and the access token must not come onto the page.
            guard !token.accessToken.contains(caller.bearer) else {
                throw VaultError(.unreadable, "The vault sent the access token back instead of a token.")
            }
            return token
        }
    }
}
