package import Foundation
package import TokenTransport

/// The address at which a client is given tokens for a form (RFC 6749 section 3.2).
package struct TokenEndpoint: Sendable {
    package let url: URL
    private let transport: any HTTPTransport
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - url: Where the form goes; https, or an address of this machine.
    ///   - transport: What sends it.
    ///   - clock: What waits between two attempts.
    ///   - now: The date that a `Retry-After` date is compared with.
    package init(
        url: URL,
        transport: any HTTPTransport,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date
    ) {
        self.url = url
        self.transport = transport
        self.clock = clock
        self.now = now
    }

    /// Posts a form, again where the endpoint is busy or ill, and returns the answer with the tokens.
    ///
    /// - Parameters:
    ///   - fields: The form.
    ///   - headers: What is sent besides the usual headers.
    /// - Returns: The answer, whose status is good.
    /// - Throws: ``TokenEndpointError`` with what the endpoint said, or `CancellationError`.
    package func post(
        _ fields: [(name: String, value: String)],
        headers: [(name: String, value: String)] = []
    ) async throws -> TransportResponse {
        let request = TransportRequest(
            .post,
            url: self.url,
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
            ] + headers,
            body: URLEncoding.form(fields)
        )
        let outcome = try await RetryPolicy.tokenEndpoint.run(
            limit: nil,
            clock: self.clock,
            now: self.now
        ) { timeout in
            // The form holds a secret.
            try BearerPolicy.check(request.url)
            var request = request
            request.timeout = timeout
            return try await self.transport.send(request)
        }
        switch outcome {
        case .answer(let response) where (200...299).contains(response.status):
            return response
        case .answer(let response), .exhausted(let response, _):
            throw TokenEndpointError(response)
        case .unreachable(let error, _):
            throw TokenEndpointError(reason: error.description)
        case .limitReached:
            throw TokenEndpointError(reason: "The token endpoint did not answer in time.")
        }
    }
}
