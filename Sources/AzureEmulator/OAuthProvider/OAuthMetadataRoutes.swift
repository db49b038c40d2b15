import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What the provider says of itself (RFC 8414), and the handles of tests.
struct OAuthMetadataRoutes: Sendable {
    private struct Metadata: Encodable {
        let issuer: String
        let authorizationEndpoint: String
        let tokenEndpoint: String
        let revocationEndpoint: String
        let userinfoEndpoint: String
        let responseTypesSupported = ["code"]
        let grantTypesSupported = ["authorization_code", "refresh_token"]
        let codeChallengeMethodsSupported = ["S256"]
        let tokenEndpointAuthMethodsSupported = ["client_secret_basic", "client_secret_post"]
        let revocationEndpointAuthMethodsSupported = ["client_secret_basic", "client_secret_post"]
        let scopesSupported = ["profile", "files.read", "files.write"]
        let authorizationResponseIssParameterSupported = true

        enum CodingKeys: String, CodingKey {
            case issuer
            case authorizationEndpoint = "authorization_endpoint"
            case tokenEndpoint = "token_endpoint"
            case revocationEndpoint = "revocation_endpoint"
            case userinfoEndpoint = "userinfo_endpoint"
            case responseTypesSupported = "response_types_supported"
            case grantTypesSupported = "grant_types_supported"
            case codeChallengeMethodsSupported = "code_challenge_methods_supported"
            case tokenEndpointAuthMethodsSupported = "token_endpoint_auth_methods_supported"
            case revocationEndpointAuthMethodsSupported = "revocation_endpoint_auth_methods_supported"
            case scopesSupported = "scopes_supported"
            case authorizationResponseIssParameterSupported = "authorization_response_iss_parameter_supported"
        }
    }

    let provider: OAuthProvider

    func add(to router: Router<GatewayRequestContext>) {
        // Where RFC 8414 section 3.1 puts it, and where clients of OpenID Connect look.
        for path in [
            "/.well-known/oauth-authorization-server/oauth", "/oauth/.well-known/oauth-authorization-server",
            "/oauth/.well-known/openid-configuration",
        ] {
            router.get(RouterPath(path)) { _, _ in try Response.json(self.metadata) }
        }
        router.get("/oauth/counts") { _, _ in try Response.json(self.provider.counts) }
        router.post("/oauth/faults") { request, _ in try await self.plan(request) }
    }

    private var metadata: Metadata {
        let issuer = self.provider.issuer
        return Metadata(
            issuer: issuer,
            authorizationEndpoint: issuer + "/authorize",
            tokenEndpoint: issuer + "/token",
            revocationEndpoint: issuer + "/revoke",
            userinfoEndpoint: issuer + "/userinfo"
        )
    }

    /// A list of faults in JSON, which no page of another site can send without being asked first (CORS).
    private func plan(_ request: Request) async throws -> Response {
        let mediaType = request.headers[.contentType]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        let body = try await request.body.collect(upTo: 64 * 1024)
        guard
            mediaType == "application/json",
            let faults = try? JSONDecoder().decode([OAuthFault].self, from: Data(body.readableBytesView))
        else {
            throw OAuthError.invalidRequest("The body is not a list of faults in JSON.")
        }
        self.provider.plan(faults)
        return Response(status: .noContent)
    }
}
