import FastCGI
import HTTPTypes
import Hummingbird

/// The token endpoint of the tenant, for applications that act for themselves.
struct TokenRoutes: Sendable {
    let directory: Directory
    /// By client id.
    let secrets: [String: Secret]
    let assertions: ClientAssertionVerifier
    let issuer: TokenIssuer
    let lifetime: Int

    func add(to router: Router<GatewayRequestContext>) {
        router.post("/{tenant}/oauth2/token") { request, context in
            try await self.token(for: request, tenant: context.parameters.require("tenant"), version: .v1)
        }
        router.post("/{tenant}/oauth2/v2.0/token") { request, context in
            try await self.token(for: request, tenant: context.parameters.require("tenant"), version: .v2)
        }
    }

    private func token(for request: Request, tenant: String, version: Authority.Version) async throws -> Response {
        let authority = self.issuer.authority
        guard let name = authority.name(tenant) else {
            throw EntraError.tenantNotFound(tenant)
        }
        let form = try await self.form(of: request)
        guard let grant = form["grant_type"] else {
            throw EntraError.missing("grant_type")
        }
        guard grant == "client_credentials" else {
            throw EntraError.unsupportedGrant(grant)
        }
        // An application acts for itself in one tenant, and nobody has signed in whose tenant that could be.
        guard name == .tenant else {
            throw EntraError.noTenant
        }
        let asked = version == .v1 ? "resource" : "scope"
        guard let wanted = form[asked] else {
            throw EntraError.missing(asked)
        }
        let client = try ClientAuthentication(request: request, form: form)
        guard let identity = self.directory.application(clientID: client.clientID)?.identity else {
            throw EntraError.applicationNotFound(client.clientID, tenant: authority.tenantID)
        }
        switch client.proof {
        case .secret(let secret):
            guard self.secrets[identity.clientID]?.matches(secret.value) == true else {
                throw EntraError.wrongSecret(clientID: identity.clientID)
            }
        case .assertion(let assertion):
            try self.assertions.verify(assertion.value, of: identity)
        }
        let issued = try await self.issuer.token(
            for: identity,
            resource: self.resource(wanted, version),
            version: version,
            lifetime: self.lifetime
        )
        return try TokenResponse.response(issued, version: version, resource: wanted)
    }

    private func form(of request: Request) async throws -> RequestParameters {
        let mediaType = request.headers[.contentType]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard mediaType == "application/x-www-form-urlencoded" else {
            throw EntraError.malformed("The body of the request is not application/x-www-form-urlencoded.")
        }
        let body = try await request.body.collect(upTo: 64 * 1024)
        do {
            return try RequestParameters(String(buffer: body))
        } catch {
            throw EntraError.malformed(error.message)
        }
    }

    private func resource(_ wanted: String, _ version: Authority.Version) throws -> Resource {
        switch version {
        case .v1:
            guard let resource = Resource(wanted) else {
                throw EntraError.resourceNotFound(wanted)
            }
            return resource
        case .v2:
            guard wanted.hasSuffix("/.default"), !wanted.contains(" ") else {
                throw EntraError.scopeWithoutDefault(wanted)
            }
            guard let resource = Resource(scope: wanted) else {
                throw EntraError.resourceNotFound(wanted)
            }
            return resource
        }
    }
}
