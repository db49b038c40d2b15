import FastCGI
import HTTPTypes
import Hummingbird

/// The part of a virtual machine's Instance Metadata Service that hands out tokens, and what clients probe.
struct MetadataRoutes: Sendable {
    let directory: Directory
    let issuer: TokenIssuer
    let lifetime: Int

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/metadata/identity/oauth2/token") { request, _ in
            try await self.token(for: request)
        }
        router.get("/metadata/instance") { request, _ in
            try self.instance(for: request)
        }
    }

    private func token(for request: Request) async throws -> Response {
        let query = try self.query(of: request, versions: "2018-02-01"..."2019-11-01")
        guard let text = query["resource"] else {
            throw MetadataError("The required query variable 'resource' is missing.")
        }
        guard let resource = Resource(text) else {
            throw MetadataError(error: "invalid_resource", EntraError.resourceNotFound(text).reason)
        }
        let selectors = [
            query["client_id"].map(IdentitySelector.clientID),
            query["object_id"].map(IdentitySelector.objectID),
            query["msi_res_id"].map(IdentitySelector.resourceID),
        ].compactMap { $0 }
        guard selectors.count < 2 else {
            throw MetadataError("More than one query variable says which identity is meant; send one.")
        }
        guard let identity = self.directory.managedIdentity(selectors.first ?? .systemAssigned) else {
            throw MetadataError("Identity not found")
        }
        let issued = try await self.issuer.token(
            for: identity,
            resource: resource,
            version: .v1,
            lifetime: self.lifetime
        )
        return try TokenResponse.metadata(issued, resource: resource.identifier, clientID: identity.clientID)
    }

    private func instance(for request: Request) throws -> Response {
        _ = try self.query(of: request, versions: "2017-04-02"..."2021-12-13")
        return try .json(
            ["compute": ["azEnvironment": "AzureEmulator", "name": "emulator", "provider": "Microsoft.Compute"]]
        )
    }

    /// The query, of a request that carries the header that no forged request carries, and none that a proxy adds.
    private func query(of request: Request, versions: ClosedRange<String>) throws -> RequestParameters {
        guard request.headers[named: "Metadata"]?.lowercased() == "true" else {
            throw MetadataError("Required metadata header not specified")
        }
        guard request.headers[named: "X-Forwarded-For"] == nil else {
            throw MetadataError("A request that was forwarded is not answered: it has the header X-Forwarded-For.")
        }
        let query: RequestParameters
        do {
            query = try RequestParameters(request.uri.query ?? "")
        } catch {
            throw MetadataError(error.message)
        }
        guard let version = query["api-version"] else {
            throw MetadataError("The required query variable 'api-version' is missing.")
        }
        // Dates of this form compare as text.
        guard version.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil, versions.contains(version) else {
            throw MetadataError(
                "The api-version '\(version.printable)' is not supported; "
                    + "use one from \(versions.lowerBound) to \(versions.upperBound)."
            )
        }
        return query
    }
}
