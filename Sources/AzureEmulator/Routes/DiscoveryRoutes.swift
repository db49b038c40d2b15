import FastCGI
import Foundation
import Hummingbird

/// The documents by which clients find the endpoints, and by which verifiers find the keys.
struct DiscoveryRoutes: Sendable {
    let authority: Authority
    let signingKey: SigningKey

    func add(to router: Router<GatewayRequestContext>) {
        for (version, configuration, keys) in [
            (Authority.Version.v1, RouterPath(".well-known/openid-configuration"), RouterPath("discovery/keys")),
            (.v2, "v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"),
        ] {
            router.get("/{tenant}/\(configuration)") { _, context in
                let name = try self.name(in: context)
                return try Response.json(OpenIDConfiguration(authority: self.authority, version: version, name: name))
            }
            router.get("/{tenant}/\(keys)") { _, context in
                _ = try self.name(in: context)
                return try Response.json(KeySet(signingKey: self.signingKey))
            }
        }
        router.get("/{tenant}/discovery/instance") { request, context in
            _ = try self.name(in: context)
            return try self.instance(for: request)
        }
    }

    private func name(in context: GatewayRequestContext) throws -> TenantName {
        let tenant = try context.parameters.require("tenant")
        guard let name = self.authority.name(tenant) else {
            throw EntraError.tenantNotFound(tenant)
        }
        return name
    }

    private struct Instance: Encodable {
        struct Metadata: Encodable {
            let preferredNetwork: String
            let preferredCache: String
            let aliases: [String]

            enum CodingKeys: String, CodingKey {
                case preferredNetwork = "preferred_network"
                case preferredCache = "preferred_cache"
                case aliases
            }
        }

        let tenantDiscoveryEndpoint: String
        let version = "1.1"
        let metadata: [Metadata]

        enum CodingKeys: String, CodingKey {
            case tenantDiscoveryEndpoint = "tenant_discovery_endpoint"
            case version = "api-version"
            case metadata
        }
    }

    /// Tells a client whether the host of an authorization endpoint is one that it may trust.
    private func instance(for request: Request) throws -> Response {
        let query: RequestParameters
        do {
            query = try RequestParameters(request.uri.query ?? "")
        } catch {
            throw EntraError.malformed(error.message)
        }
        guard let endpoint = query["authorization_endpoint"] else {
            throw EntraError.missing("authorization_endpoint")
        }
        guard let host = Self.authority(of: self.authority.baseURL), Self.authority(of: endpoint) == host else {
            throw EntraError.unknownInstance(endpoint)
        }
        return try .json(
            Instance(
                tenantDiscoveryEndpoint: "\(self.authority.issuer(.v2))/.well-known/openid-configuration",
                metadata: [.init(preferredNetwork: host, preferredCache: host, aliases: [host])]
            )
        )
    }

    /// The host of a URL, and its port when it names one.
    private static func authority(of url: String) -> String? {
        guard let components = URLComponents(string: url), let host = components.host?.lowercased() else { return nil }
        return components.port.map { "\(host):\($0)" } ?? host
    }
}
