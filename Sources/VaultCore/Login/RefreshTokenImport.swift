package import Foundation
package import OAuthWire
package import TokenTransport

/// Makes a credential of a refresh token that came from elsewhere, by using it once.
package struct RefreshTokenImport: Sendable {
    private let client: OAuthClient
    private let transport: any HTTPTransport
    private let now: @Sendable () -> Date

    package init(client: OAuthClient, transport: any HTTPTransport, now: @escaping @Sendable () -> Date = { Date() }) {
        self.client = client
        self.transport = transport
        self.now = now
    }

    /// Asks the provider for tokens; where it renews with access tokens, one is given in place of a refresh token.
    ///
    /// Where the provider rotates refresh tokens, the one that was given is of no use afterwards.
    ///
    /// - Throws: ``LoginFailure``
    package func credential(from refreshToken: Secret, configurationHash: String) async throws -> Credential {
        let renewal = self.client.provider.renewal
        guard renewal != .none else {
            throw LoginFailure(
                code: "unsupported_grant_type",
                text: "This provider has nothing to renew a token with: import the access token."
            )
        }
        let grant: OAuthClient.Grant =
            renewal == .accessToken ? .accessToken(refreshToken) : .refreshToken(refreshToken)
        let exchange = CodeExchange(client: self.client, transport: self.transport, now: self.now)
        var tokens = try await exchange.tokens(for: grant, kept: [:], hiding: [refreshToken])
        tokens.refreshToken = tokens.refreshToken ?? refreshToken
        return Credential(tokens, renewal: renewal, configurationHash: configurationHash)
    }
}
