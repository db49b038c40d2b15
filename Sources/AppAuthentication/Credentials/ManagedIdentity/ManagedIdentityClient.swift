import Foundation
import OAuthWire
import TokenTransport

/// Asks a source of managed identities, again where that may help, and says why there is no token in the words of
/// AppAuthentication for .NET.
struct ManagedIdentityClient: Sendable {
    let source: ManagedIdentitySource
    let id: ManagedIdentityID
    var policy: RetryPolicy
    /// How long all attempts together may take.
    let limit: Duration?
    let transport: any HTTPTransport
    let dependencies: CredentialDependencies
    /// What must not be in any text, even where the source repeats it.
    var secret: Secret?

    /// The token that the source gives for a resource.
    ///
    /// - Throws: ``CredentialFailure``, ``ManagedIdentityError``, ``TokenFormatError`` or `CancellationError`.
    func token(resource: String) async throws -> TokenResponse {
        let response = try await self.answer(
            to: try self.source.tokenRequest(resource: resource, id: self.id)
        )
        return try self.token(in: response)
    }

    /// The first answer that is final, whatever its status.
    func answer(to request: TransportRequest) async throws -> TransportResponse {
        do {
            // Whether there is a proxy on the way, the transport knows.
            try BearerPolicy.check(request, proxies: ProxySettings([:]))
        } catch let error as TransportError {
            throw Self.failure(CredentialMessage.notAcquired, error.description)
        }
        let outcome = try await self.policy.run(
            limit: self.limit,
            clock: self.dependencies.clock,
            now: self.dependencies.now
        ) { timeout in
            var request = request
            request.timeout = timeout
            return try await self.transport.send(request)
        }
        switch outcome {
        case .answer(let response):
            return response
        case .exhausted(let response, let attempts):
            throw self.refusal(CredentialMessage.failed(afterAttempts: attempts), response)
        case .unreachable(let error, _) where error.isFinal:
            throw Self.failure(CredentialMessage.notAcquired, error.description)
        case .unreachable where self.source.isAzureArc:
            throw Self.failure(CredentialMessage.notAcquired, self.deadAgent(request))
        case .unreachable(let error, let attempts):
            throw Self.failure(
                CredentialMessage.failed(afterAttempts: attempts),
                CredentialMessage.managedIdentityDown,
                error.description
            )
        case .limitReached:
            throw Self.failure(CredentialMessage.notAcquired, CredentialMessage.retryTimeoutReached)
        }
    }

    /// Reads an answer that is final.
    func token(in response: TransportResponse) throws -> TokenResponse {
        guard (200...299).contains(response.status) else {
            throw self.refusal(CredentialMessage.notRetryable, response)
        }
        return try TokenResponse.read(response.body)
    }

    private func deadAgent(_ request: TransportRequest) -> String {
        let host = request.url.host() ?? ""
        let address = request.url.port.map { "\(host):\($0)" } ?? host
        return
            "The agent of Azure Arc does not answer at \(address): start it with systemctl start himdsd, and look at it "
            + "with azcmagent show. In a container of this machine it can be reached in the machine's network only."
    }

    private func refusal(_ what: String, _ response: TransportResponse) -> CredentialFailure {
        let body = Redaction.excerpt(of: response.body, without: self.secret.map { [$0] } ?? [])
        var text = "MSI ResponseCode: \(HTTPStatusName.name(of: response.status)), Response: \(body)"
        // The sources say that there is no such identity, and not which one they looked for.
        if self.id != .systemAssigned { text += " It was asked for \(self.id)." }
        return Self.failure(CredentialMessage.notAcquired, what, text)
    }

    /// A failure with the words that AppAuthentication for .NET begins every one with.
    static func failure(_ parts: String...) -> CredentialFailure {
        CredentialFailure(([CredentialMessage.managedIdentityUsed] + parts).joined(separator: " "))
    }
}
