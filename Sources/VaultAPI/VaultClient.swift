package import Foundation
package import Transport

/// Asks the vault for one token.
package struct VaultClient: Sendable {
    /// The token's full URL.
    package let tokenURL: URL
    private let transport: any HTTPTransport
    private let timeout: Duration

    /// Creates a client for one token.
    ///
    /// - Throws: ``VaultURLError`` when the URL cannot be the address of a token.
    package init(tokenURL: URL, transport: any HTTPTransport, timeout: Duration) throws {
        self.tokenURL = tokenURL
        self.transport = transport
        self.timeout = timeout
    }

    /// Gets a valid access token from the vault.
    ///
    /// - Parameter bearer: The Azure access token that proves who asks.
    /// - Returns: The token of the answer, in whichever of the vault's forms it came.
    /// - Throws: ``VaultError``, or `CancellationError` when the caller's task was cancelled.
    package func token(bearer: String) async throws -> VaultToken {
        let request = TransportRequest(.post, url: self.tokenURL, timeout: self.timeout)
        _ = try await self.transport.send(request)
        throw VaultError(.unreadable, "")
    }
}
