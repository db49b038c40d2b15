import TokenTransport

extension CredentialDependencies {
    /// How long one request of the sign-in may take.
    static let signInTimeout: Duration = .seconds(15)
    static let signInRetryWait: Duration = .seconds(1)

    /// Sends a request, and once more after a second when the server is in trouble (500 and above), as ADAL does.
    ///
    /// - Throws: `CancellationError` and nothing else.
    func sendTwice(_ request: TransportRequest) async throws -> Result<TransportResponse, TransportError> {
        var request = request
        request.timeout = Self.signInTimeout
        do {
            let first = try await self.transport.send(request)
            guard (500...599).contains(first.status) else { return .success(first) }
            try await self.clock.sleep(for: Self.signInRetryWait)
            return .success(try await self.transport.send(request))
        } catch let error as TransportError {
            try Task.checkCancellation()
            return .failure(error)
        }
    }
}
