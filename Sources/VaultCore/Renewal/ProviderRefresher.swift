package import Foundation
import OAuthWire
package import TokenTransport

/// Asks the provider of a service for new tokens, as the provider's row and the service's registration say.
package struct ProviderRefresher: TokenRefresher {
    private let services: any ServiceStore
    private let clients: OAuthClientSource
    private let transport: any HTTPTransport
    private let now: @Sendable () -> Date

    package init(
        services: any ServiceStore,
        clients: OAuthClientSource,
        transport: any HTTPTransport,
        now: @escaping @Sendable () -> Date
    ) {
        self.services = services
        self.clients = clients
        self.transport = transport
        self.now = now
    }

    package func terms(of service: String) async throws -> RefresherTerms {
        let stored = try await self.service(service)
        let provider = try self.clients.provider(of: stored)
        let secrets = try await self.services.clientSecrets(of: service).count
        let hasParameter = stored.configuration.parameters.keys.contains { $0.lowercased() == "clientsecret" }
        return RefresherTerms(
            rotation: provider.refreshTokenRotation,
            marginCap: provider.lifetime.marginCap.map { .seconds($0) },
            idle: provider.rotation.idle.map { .seconds($0) },
            secretCount: secrets + (hasParameter ? 1 : 0)
        )
    }

    package func send(
        _ credential: Credential,
        of token: TokenKey,
        secret: Int,
        timeout: Duration
    ) async throws -> TransportResponse {
        let begin = ContinuousClock.now
        var request = try await self.request(credential, of: token, secret: secret)
        // Looking up the provider's endpoints counts too: the lease does not wait for it.
        request.timeout = timeout - begin.duration(to: .now)
        guard request.timeout > .zero else {
            throw UnsentRefreshError("The endpoints of the provider were not found in time.")
        }
        return try await self.transport.send(request)
    }

    package func read(
        _ response: TransportResponse,
        of token: TokenKey,
        configurationHash: String,
        receivedAt date: Date
    ) async throws -> RefreshReading {
        let service = try await self.service(token.service)
        guard configurationHash.isEmpty || configurationHash == service.configurationHash else {
            return .serviceChanged
        }
        let client = try await self.clients.client(for: service)
        switch client.renewalResult(response, receivedAt: date) {
        // Without a hash of its own it keeps that of the credential before, which is what it was got with.
        case .tokens(let tokens):
            return .tokens(Credential(tokens, renewal: client.provider.renewal, configurationHash: ""))
        case .failed(let outcome): return .outcome(outcome)
        }
    }

    /// - Throws: ``UnsentRefreshError``.
    private func request(
        _ credential: Credential,
        of token: TokenKey,
        secret: Int
    ) async throws(UnsentRefreshError) -> TransportRequest {
        do {
            let service = try await self.service(token.service)
            // A refresh token goes nowhere but to where it came from.
            guard credential.configurationHash == service.configurationHash else {
                throw ProviderRowError(token.service, "was changed since the login: log in again.")
            }
            guard let refreshToken = credential.refreshToken else {
                throw ProviderRowError(token.description, "has no refresh token.")
            }
            let client = try await self.clients.client(for: service)
            // Nor does a secret of the service as it is now go to where it pointed before.
            guard try await self.service(token.service).configurationHash == service.configurationHash else {
                throw ProviderRowError(token.service, "is being changed.")
            }
            return try client.request(
                for: client.provider.renewal == .accessToken
                    ? .accessToken(Secret(refreshToken)) : .refreshToken(Secret(refreshToken)),
                kept: credential.extraValues,
                secret: secret,
                now: self.now()
            )
        } catch let error as ProviderRowError {
            throw UnsentRefreshError(error.description)
        } catch let error as ClientAssertionError {
            throw UnsentRefreshError(error.description)
        } catch let error as TransportError {
            throw UnsentRefreshError(error.description)
        } catch {
            throw UnsentRefreshError("No request could be made: \(type(of: error)).")
        }
    }

    private func service(_ name: String) async throws -> StoredService {
        guard let service = try await self.services.service(name) else {
            throw ProviderRowError(name, "is not a service of this store.")
        }
        return service
    }
}
