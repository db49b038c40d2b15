import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import VaultAPI
import VaultCore

/// Services: what administrators set up, and applications look at.
struct ServiceRoutes: Sendable {
    let caller: Caller
    let access: AccessControl
    let store: any VaultStore
    let sealer: CredentialSealer
    let deletion: TokenDeletion
    let providers: ProviderCatalog
    let site: SiteAddress

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.on("services", methods: [.get: { try await self.list(request: $0, context: $1) }])
        router.on(
            "services/:service",
            methods: [
                .get: { try await self.get(request: $0, context: $1) },
                .put: { try await self.put(request: $0, context: $1) },
                .delete: { try await self.delete(request: $0, context: $1) },
            ]
        )
    }

    private func list(request: Request, context: GatewayRequestContext) async throws -> Response {
        let principal = try await self.caller.principal(of: request, context: context)
        let page = Page(of: request)
        let services: [StoredService]
        switch try await self.access.visibility(for: principal, with: .listService, in: .store, as: .listServices) {
        case .all:
            services = try await self.store.services(after: page.after, limit: Page.size + 1)
        case .some(let names):
            var found: [StoredService] = []
            for name in page.names(in: names) {
                if let service = try await self.store.service(name) { found.append(service) }
            }
            services = found
        }
        let url = self.site.url(for: request, context: context)
        return try page.response(services, name: \.name, url: url + "/services") { self.resource($0, site: url) }
    }

    private func get(request: Request, context: GatewayRequestContext) async throws -> Response {
        let (name, _) = try await self.authorize(.getService, as: .getService, request: request, context: context)
        guard let service = try await self.store.service(name) else {
            throw AccessDenial.noService
        }
        return try Response(json: self.resource(service, site: self.site.url(for: request, context: context)))
    }

    private func put(request: Request, context: GatewayRequestContext) async throws -> Response {
        let (name, _) = try await self.authorize(
            .createOrUpdateService,
            as: .putService,
            request: request,
            context: context
        )
        let present = try await self.store.service(name)
        let body = try ServiceBody(
            properties: try await RequestBody.properties(of: request),
            present: present?.configuration
        )
        if present?.configuration.hash != body.configuration.hash || body.clientSecret != nil {
            // Those of another provider or client do not stay.
            let isSame = present?.configuration.hash == body.configuration.hash
            let secrets = isSame ? try await self.store.clientSecrets(of: name) : []
            try body.check(with: self.providers, hasSecrets: !secrets.isEmpty)
        }
        let change = try await self.store.putService(
            name,
            configuration: body.configuration,
            clientSecret: body.clientSecret,
            sealer: self.sealer
        )
        if change.tokensInError > 0 {
            context.logger.warning(
                "A service was pointed elsewhere: its tokens have to be logged in again",
                metadata: ["service": "\(name)", "tokens": "\(change.tokensInError)"]
            )
        }
        return try Response(
            json: self.resource(change.service, site: self.site.url(for: request, context: context)),
            status: change.isNew ? .created : .ok
        )
    }

    private func delete(request: Request, context: GatewayRequestContext) async throws -> Response {
        let (name, principal) = try await self.authorize(
            .deleteService,
            as: .deleteService,
            request: request,
            context: context
        )
        guard let fates = try await self.deletion.deleteService(name, by: principal) else {
            throw AccessDenial.noService
        }
        var response = Response(status: .ok)
        if let field = HTTPField.Name("Token-Vault-Grant") { response.headers[field] = fates.counts }
        return response
    }

    private func authorize(
        _ permission: Permission,
        as action: AuditEntry.Action,
        request: Request,
        context: GatewayRequestContext
    ) async throws -> (service: String, principal: Principal) {
        let principal = try await self.caller.principal(of: request, context: context)
        let name = try context.parameters.require("service").removingPercentEncoding ?? ""
        try await self.access.authorize(principal, to: permission, on: .service(name), as: action)
        try ResourceName.check(name, isNew: permission == .createOrUpdateService, or: .noService)
        return (name, principal)
    }

    /// As the service wrote it: without the parameters, in which secrets are.
    private func resource(_ service: StoredService, site: String) -> JSONTree {
        let configuration = service.configuration
        return .object([
            "name": .string(service.name),
            "displayName": .string(configuration.displayName.isEmpty ? service.name : configuration.displayName),
            "tokenParameters": JSONTree(body: Data(configuration.tokenParameters.utf8)) ?? .object([:]),
            "authentication": .object([
                "managedIdentityProvider": .object(["name": .string(configuration.provider)])
            ]),
            "authorizedPostRedirectUrls": .array(configuration.returnURLs.map(JSONTree.string)),
            "redirectUrl": .string(site + "/redirect"),
        ])
    }
}
