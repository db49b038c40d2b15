import Foundation
import OAuthWire
import TokenTransport

/// Gets a certificate with its private key out of a Key Vault.
struct KeyVaultCertificateReader: Sendable {
    /// A certificate, and the tenant of the identity that read it.
    struct Finding: Sendable {
        let certificate: ClientCertificate
        let readersTenantID: String?
    }

    private static let noChallenge = "A bearer challenge was not returned or is invalid."
    private static let noAccessToken = "Unable to get a Key Vault access token to acquire certificate."

    /// The ways to a token for the vault, in the order in which they are tried.
    let readers: [any TokenCredential]
    let dependencies: CredentialDependencies

    /// Re-reads the certificate at each call.
    ///
    /// - Throws: ``KeyVaultError`` in the words of AppAuthentication for .NET, `CancellationError`.
    func certificate(at secretIdentifier: String) async throws -> Finding {
        let identifier = try KeyVaultSecretIdentifier(secretIdentifier)
        let answer = try await self.send(TransportRequest(url: identifier.url))
        guard let challenge = KeyVaultChallenge(answer.header("WWW-Authenticate")), let context = challenge.context
        else {
            throw KeyVaultError("\(Self.noAccessToken) \(Self.noChallenge)")
        }
        guard identifier.accepts(resource: challenge.resource) else {
            throw KeyVaultError(
                "\(Self.noAccessToken) \(Self.noChallenge) It asks for a token for \(challenge.resource), "
                    + "which is not the service that the vault belongs to."
            )
        }
        let token = try await self.token(for: context)
        let request = TransportRequest(
            url: identifier.readURL,
            headers: [("Accept", "application/json"), ("Authorization", "Bearer \(token.token)")]
        )
        let bundle = try await self.send(request)
        guard (200...299).contains(bundle.status) else {
            let body = Redaction.excerpt(of: bundle.body, without: [Secret(token.token)])
            throw KeyVaultError(
                "Key Vault returned an error. KeyVault ResponseCode: \(HTTPStatusName.name(of: bundle.status)), "
                    + "Message: \(body)"
            )
        }
        return Finding(
            certificate: try KeyVaultSecretBundle(bundle.body).certificate(),
            readersTenantID: token.principal.tenantID
        )
    }

    /// Sends a request, again where the vault is busy, ill or breaks off.
    private func send(_ request: TransportRequest) async throws -> TransportResponse {
        do {
            try BearerPolicy.check(request)
        } catch let error as TransportError {
            throw KeyVaultError("\(Self.noConnection) \(error.description)")
        }
        let outcome = try await RetryPolicy.tokenEndpoint.run(
            limit: nil,
            clock: self.dependencies.clock,
            now: self.dependencies.now
        ) { timeout in
            var request = request
            request.timeout = timeout
            return try await self.dependencies.transport.send(request)
        }
        switch outcome {
        case .answer(let response), .exhausted(let response, _): return response
        case .unreachable(let error, _): throw KeyVaultError("\(Self.noConnection) \(error.description)")
        case .limitReached: throw KeyVaultError(Self.noConnection)
        }
    }

    private static let noConnection =
        "Unable to connect to the Key Vault endpoint. Please check that the secret identifier is correct."

    private func token(for context: TokenRequestContext) async throws -> AccessToken {
        var text =
            "\(Self.noAccessToken) Tried the following \(self.readers.count) methods to get a Key Vault access token, "
            + "but none of them worked.\n"
        for reader in self.readers {
            try Task.checkCancellation()
            do {
                return try await reader.token(for: context)
            } catch let failure as CredentialFailure {
                let attempt = AzureServiceTokenProviderError.Attempt(
                    credential: reader.name,
                    reason: failure.reason,
                    troubleshooting: reader.troubleshooting,
                    authority: failure.authority
                )
                let error = AzureServiceTokenProviderError.credentialFailed(
                    attempt,
                    connectionString: nil,
                    context: context
                )
                text += "\(error)\n"
            } catch let error as AzureServiceTokenProviderError where error.code.isAboutCredentials {
                text += "\(error)\n"
            }
        }
        throw KeyVaultError(text)
    }
}
