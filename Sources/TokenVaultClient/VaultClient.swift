public import Foundation
public import TokenTransport
@_exported public import VaultAPI

/// Asks the vault for one token.
public struct VaultClient: Sendable {
    /// The token's full URL.
    public let tokenURL: URL
    private let transport: any HTTPTransport
    private let timeout: Duration
    private let wantsDetails: Bool

    /// Creates a client for one token.
    ///
    /// - Parameters:
    ///   - tokenURL: The token's full URL. A plain `http` one is taken; whether a bearer token may go there is decided
    ///     when it is about to.
    ///   - transport: Sends the request.
    ///   - timeout: How long one call may take, from its beginning to the last byte of the answer.
    ///   - wantsDetails: Whether to ask for what is in `details` of a `VaultToken`, which a vault may have to look up.
    /// - Throws: ``VaultURLError`` when the URL cannot be the address of a token.
    public init(
        tokenURL: URL,
        transport: any HTTPTransport,
        timeout: Duration,
        wantsDetails: Bool = false
    ) throws {
        if let error = VaultURLError(tokenURL) {
            throw error
        }
        self.tokenURL = tokenURL
        self.transport = transport
        self.timeout = timeout
        self.wantsDetails = wantsDetails
    }

    /// The same client for another token of the vault.
    ///
    /// - Throws: ``VaultURLError`` when the URL cannot be the address of a token.
    public func client(for tokenURL: URL) throws -> VaultClient {
        try VaultClient(
            tokenURL: tokenURL,
            transport: self.transport,
            timeout: self.timeout,
            wantsDetails: self.wantsDetails
        )
    }

    /// Gets a valid access token from the vault.
    ///
    /// - Parameters:
    ///   - bearer: The Azure access token that proves who asks.
    ///   - requestID: By what the caller's log knows the request that the token is for, so that the vault's log and audit can
    ///     say the same: 32 hexadecimal digits in lower case, as in nginx's `$request_id`. Anything else is not sent.
    /// - Returns: The token of the answer, in whichever of the vault's forms it came.
    /// - Throws: ``VaultError``, or `CancellationError` when the caller's task was cancelled.
    public func token(bearer: String, requestID: String? = nil) async throws -> VaultToken {
        try Self.token(in: try await self.send(.post, bearer: bearer, requestID: requestID), bearer: bearer)
    }

    /// Sends a request about the token, and takes a success alone.
    func send(
        _ method: TransportRequest.Method,
        _ path: String = "",
        body: Data? = nil,
        bearer: String,
        requestID: String? = nil
    ) async throws -> TransportResponse {
        var headers = [("Authorization", "Bearer \(bearer)"), ("Accept", "application/json")]
        // RFC 7240: what a server does not know it ignores.
        if self.wantsDetails { headers.append(("Prefer", "token-details")) }
        if let requestID, Self.isRequestID(requestID) { headers.append(("X-Request-ID", requestID)) }
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let request = TransportRequest(
            method,
            url: path.isEmpty ? self.tokenURL : self.tokenURL.appending(path: path),
            headers: headers,
            body: body,
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
        return response
    }

    private static func isRequestID(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    static func token(in response: TransportResponse, bearer: String) throws -> VaultToken {
        let token: VaultToken
        do {
            token = try VaultToken(answer: response.body, contentType: response.header("Content-Type"))
        } catch .status(let problem) {
            throw VaultError(status: response.status, problem, bearer: bearer)
        } catch .unreadable {
            throw VaultError(
                .unreadable,
                "The vault answered with status \(response.status), but its answer holds no token."
            )
        }
        // Whatever answers with what it was sent is no vault, and the access token must go no further.
        // Foundation searches slowly, and most tokens are shorter than that of Azure.
        let mayHold = token.accessToken.utf8.count >= bearer.utf8.count
        guard !mayHold || !token.accessToken.contains(bearer) else {
            throw VaultError(.unreadable, "The vault sent the access token back instead of a token.")
        }
        return token
    }
}
