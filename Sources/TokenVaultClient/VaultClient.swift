public import Foundation
public import TokenTransport
@_exported public import VaultAPI

/// Asks the vault for one token.
public struct VaultClient: Sendable {
    /// The token's full URL.
    public let tokenURL: URL
    private let transport: any HTTPTransport
    private let timeout: Duration

    /// Creates a client for one token.
    ///
    /// - Parameters:
    ///   - tokenURL: The token's full URL. A plain `http` one is taken; whether a bearer token may go there is decided
    ///     when it is about to.
    ///   - transport: Sends the request.
    ///   - timeout: How long one call may take, from its beginning to the last byte of the answer.
    /// - Throws: ``VaultURLError`` when the URL cannot be the address of a token.
    public init(tokenURL: URL, transport: any HTTPTransport, timeout: Duration) throws {
        if let error = VaultURLError(tokenURL) {
            throw error
        }
        self.tokenURL = tokenURL
        self.transport = transport
        self.timeout = timeout
    }

    /// Gets a valid access token from the vault.
    ///
    /// - Parameter bearer: The Azure access token that proves who asks.
    /// - Returns: The token of the answer, in whichever of the vault's forms it came.
    /// - Throws: ``VaultError``, or `CancellationError` when the caller's task was cancelled.
    public func token(bearer: String) async throws -> VaultToken {
        let request = TransportRequest(
            .post,
            url: self.tokenURL,
            headers: [("Authorization", "Bearer \(bearer)"), ("Accept", "application/json")],
            timeout: self.timeout
        )
        let response: TransportResponse
        do {
            try BearerPolicy.check(request)
            response = try await self.transport.send(request)
        } catch let error as TransportError {
            throw VaultError(error)
        }
        guard (200...299).contains(response.status) else {
            throw VaultError(refusal: response, bearer: bearer)
        }
        do {
            return try VaultToken(answer: response.body, contentType: response.header("Content-Type"))
        } catch .status(let problem) {
            throw VaultError(status: response.status, problem, bearer: bearer)
        } catch .unreadable {
            throw VaultError(
                .unreadable,
                "The vault answered with status \(response.status), but its answer holds no token."
            )
        }
    }
}
