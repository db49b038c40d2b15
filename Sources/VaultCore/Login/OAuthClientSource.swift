import Foundation
import Locking
import OAuthWire
package import TokenTransport

/// Makes the OAuth client of a service: its row, its parameters, its secrets, and the endpoints that it has to look up.
package final class OAuthClientSource: Sendable {
    private struct Metadata {
        let body: Data
        let fetched: ContinuousClock.Instant
    }

    private let services: any ServiceStore
    private let sealer: CredentialSealer
    private let catalog: ProviderCatalog
    private let transport: any HTTPTransport
    private let metadata = Mutex<[URL: Metadata]>([:])

    /// How long an issuer's endpoints are believed.
    private static let lifetime = Duration.seconds(3_600)

    package init(
        services: any ServiceStore,
        sealer: CredentialSealer,
        catalog: ProviderCatalog,
        transport: any HTTPTransport
    ) {
        self.services = services
        self.sealer = sealer
        self.catalog = catalog
        self.transport = transport
    }

    /// - Throws: ``ProviderRowError`` for a service that does not fit its row; `TransportError` when an issuer's metadata
    ///   cannot be had; and what the store throws.
    package func client(for service: StoredService) async throws -> OAuthClient {
        let provider = try self.provider(of: service)
        var secrets: [Secret] = []
        for secret in try await self.services.clientSecrets(of: service.name) {
            secrets.append(Secret(try await self.sealer.open(secret)))
        }
        let client = try OAuthClient(provider: provider, service: service.configuration, secrets: secrets)
        guard let url = try client.discoveryURL() else { return client }
        return try client.discovered(try await self.document(url))
    }

    /// The row of a service.
    ///
    /// - Throws: ``ProviderRowError`` when there is none.
    func provider(of service: StoredService) throws(ProviderRowError) -> Provider {
        guard let provider = self.catalog[service.provider] else {
            throw ProviderRowError(
                service.provider,
                "is not a provider that this vault knows: `token-vault provider list` prints those."
            )
        }
        return provider
    }

    private func document(_ url: URL) async throws -> Data {
        let kept = self.metadata.withLock { $0[url] }
        if let kept, kept.fetched.duration(to: .now) < Self.lifetime { return kept.body }
        let headers = [("Accept", "application/json"), ("User-Agent", "token-vault")]
        let request = TransportRequest(
            .get,
            url: url,
            headers: headers.map { (name: $0.0, value: $0.1) },
            timeout: .seconds(10)
        )
        let response = try await self.transport.send(request)
        guard response.status == 200 else {
            throw ProviderRowError("discoveryUrl", "answers with the status \(response.status).")
        }
        self.metadata.withLock { $0[url] = Metadata(body: response.body, fetched: .now) }
        return response.body
    }
}
