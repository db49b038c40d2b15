import Foundation
import TokenTransport

/// Fetches an issuer's keys: its OpenID configuration first, then the key set that it names
/// (OpenID Connect Discovery 1.0 sections 3 and 4).
struct KeyDiscovery: Sendable {
    /// Why there are no keys: it names addresses and statuses, never a token.
    struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        let description: String
    }

    let issuer: IssuerURL
    let transport: any HTTPTransport
    /// For each of the two requests.
    var timeout: Duration = .seconds(5)

    func keys() async throws -> KeySet {
        let configurationURL = self.issuer.configurationURL
        let configuration: Configuration
        do {
            configuration = try JSONDecoder().decode(Configuration.self, from: try await self.get(configurationURL))
        } catch is DecodingError {
            throw Failure(description: "\(configurationURL) is not an OpenID configuration")
        }
        // Section 4.3: the document must be about the issuer that it was asked for.
        guard self.issuer.matches(configuration.issuer) else {
            throw Failure(description: "\(configurationURL) is about another issuer")
        }
        guard let keysURL = IssuerURL.trustedURL(configuration.jwksURI) else {
            throw Failure(description: "the jwks_uri in \(configurationURL) is neither https nor a loopback address")
        }
        let keys: KeySet
        do {
            keys = try await KeySet(json: try await self.get(keysURL))
        } catch is DecodingError {
            throw Failure(description: "\(keysURL) is not a key set")
        }
        guard !keys.isEmpty else {
            throw Failure(description: "\(keysURL) has no RS256 or ES256 key with a kid")
        }
        return keys
    }

    private func get(_ url: URL) async throws -> Data {
        let request = TransportRequest(url: url, headers: [("Accept", "application/json")], timeout: self.timeout)
        let response = try await self.transport.send(request)
        guard response.status == 200 else {
            throw Failure(description: "\(url) answered with status \(response.status)")
        }
        return response.body
    }

    private struct Configuration: Decodable {
        let issuer: String
        let jwksURI: String

        private enum CodingKeys: String, CodingKey {
            case issuer
            case jwksURI = "jwks_uri"
        }
    }
}
