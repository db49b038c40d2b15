import Foundation
import Logging
import Transport

/// The identity that Azure gives to the machine or the application: the system-assigned one, or a user-assigned one.
struct ManagedIdentityCredential: TokenCredential {
    /// What the credential is there for, which decides how long it may take to find out that there is nothing.
    enum Role: Sendable, Hashable {
        /// The connection string asks for it, so it is worth waiting for.
        case requested
        /// It is one of several that are tried.
        case chained
    }

    let name = "Managed identity"
    let troubleshooting = "managed-identity"

    /// The user-assigned identity that is wanted; nil for the system-assigned one.
    let clientID: String?
    /// How long all attempts together may take.
    let retryTimeout: Duration?
    let role: Role
    let outside: Outside

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        do {
            let source = ManagedIdentitySource(self.outside.variable)
            self.outside.logger.debug("managed identity", metadata: ["source": "\(source)"])
            try await self.probe(source)
            let response = try await self.send(to: source, resource: context.resource)
            let claims = try TokenClaims(token: response.accessToken?.value)
            return try response.accessToken(
                principal: Principal(kind: .app, appID: claims.appID, tenantID: claims.tenantID),
                now: self.outside.now()
            )
        } catch let error as TokenFormatError {
            throw self.failure(CredentialMessage.notAcquired, error.message)
        }
    }

    /// Leaves quickly where there is no metadata service, which is every machine outside Azure.
    private func probe(_ source: ManagedIdentitySource) async throws {
        guard let url = source.probeURL else { return }
        let answer =
            switch self.role {
            case .requested:
                try await MetadataServiceProbe.ask(url, timeout: .seconds(3), transport: self.outside.transport)
            case .chained:
                try await self.outside.probe.answer(
                    at: url,
                    timeout: .seconds(1),
                    transport: self.outside.transport,
                    now: self.outside.now
                )
            }
        switch answer {
        case .present: return
        case .silent: throw self.failure(CredentialMessage.metadataServiceDown)
        case .unreachable(let reason): throw self.failure(CredentialMessage.notAcquired, reason)
        }
    }

    private func send(to source: ManagedIdentitySource, resource: String) async throws -> TokenResponse {
        if case .unsupported(let place) = source {
            throw self.failure(
                CredentialMessage.notAcquired,
                "A managed identity in \(place) is not available in this version."
            )
        }
        guard let request = source.tokenRequest(resource: resource, clientID: self.clientID) else {
            throw self.failure(
                CredentialMessage.notAcquired,
                "The endpoint that the environment names is not a valid URL."
            )
        }
        let policy: RetryPolicy = self.role == .requested ? .managedIdentity : .managedIdentityInChain
        let outcome = try await policy.run(
            limit: self.retryTimeout,
            clock: self.outside.clock,
            now: self.outside.now
        ) { timeout in
            var request = request
            request.timeout = timeout
            return try await self.outside.transport.send(request)
        }
        switch outcome {
        case .answer(let response) where (200...299).contains(response.status):
            return try TokenResponse(response.body)
        case .answer(let response):
            throw self.refusal(CredentialMessage.notRetryable, response)
        case .exhausted(let response, let attempts):
            throw self.refusal(CredentialMessage.failed(afterAttempts: attempts), response)
        case .unreachable(_, let attempts):
            throw self.failure(
                CredentialMessage.failed(afterAttempts: attempts),
                CredentialMessage.managedIdentityDown
            )
        case .limitReached:
            throw self.failure(CredentialMessage.notAcquired, CredentialMessage.retryTimeoutReached)
        }
    }

    private func refusal(_ what: String, _ response: TransportResponse) -> CredentialFailure {
        let body = Redaction.removingTokens(from: String(decoding: response.body.prefix(2_000), as: UTF8.self))
        return self.failure(
            CredentialMessage.notAcquired,
            what,
            "MSI ResponseCode: \(HTTPStatusName.name(of: response.status)), Response: \(body)"
        )
    }

    private func failure(_ parts: String...) -> CredentialFailure {
        CredentialFailure(([CredentialMessage.managedIdentityUsed] + parts).joined(separator: " "))
    }
}
