import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import VaultAPI
import VaultCore

/// Tokens as things that are made, listed and deleted; ``TokenRoutes`` hands out what is in them.
struct TokenManagementRoutes: Sendable {
    typealias Handler = @Sendable (Request, GatewayRequestContext) async throws -> Response

    let caller: Caller
    let access: AccessControl
    let store: any VaultStore
    let deletion: TokenDeletion
    let site: SiteAddress
    let now: @Sendable () -> Date

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.on("services/:service/tokens", methods: [.get: { try await self.list(request: $0, context: $1) }])
    }

    /// What it answers at the address of a token.
    var methods: [HTTPRequest.Method: Handler] {
        [
            .put: { try await self.put(request: $0, context: $1) },
            .delete: { try await self.delete(request: $0, context: $1) },
        ]
    }

    private func list(request: Request, context: GatewayRequestContext) async throws -> Response {
        let principal = try await self.caller.principal(of: request, context: context)
        let service = try context.parameters.require("service").removingPercentEncoding ?? ""
        let page = Page(of: request)
        let visibility = try await self.access.visibility(
            for: principal,
            with: .listToken,
            in: .service(service),
            as: .listTokens
        )
        let tokens: [StoredToken]
        switch visibility {
        case .all:
            guard try await self.store.service(service) != nil else {
                throw AccessDenial.noService
            }
            tokens = try await self.store.tokens(of: service, after: page.after, limit: Page.size + 1)
        case .some(let names):
            var found: [StoredToken] = []
            for name in page.names(in: names) {
                if let token = try await self.store.token(service: service, name: name) { found.append(token) }
            }
            tokens = found
        }
        let url = self.site.url(for: request, context: context)
        return try page.response(tokens, name: \.name, url: "\(url)/services/\(service)/tokens") { token in
            let body = try self.resource(token, site: url).getBody(now: self.now())
            return JSONTree(body: body) ?? .null
        }
    }

    private func put(request: Request, context: GatewayRequestContext) async throws -> Response {
        let (service, name, _) = try await self.authorize(
            .createOrUpdateToken,
            as: .putToken,
            request: request,
            context: context
        )
        let properties = try await RequestBody.properties(of: request)
        // A `name` in the body is ignored, as the service ignored it.
        let displayName = properties["displayName"]?.text
        guard (displayName?.utf8.count ?? 0) <= 1024 else {
            throw VaultProblem.invalid("displayName is longer than 1024 bytes.")
        }
        let put = try await self.store.putToken(
            service: service,
            name: name,
            displayName: displayName,
            returnURLs: try RequestBody.returnURLs(in: properties),
            unsavedUntil: try RequestBody.unsavedLifetime(in: properties).map { self.now() + $0 }
        )
        guard let put else {
            throw AccessDenial.noService
        }
        let site = self.site.url(for: request, context: context)
        return Response(
            try self.resource(put.token, site: site).getBody(now: self.now()),
            status: put.isNew ? .created : .ok
        )
    }

    private func delete(request: Request, context: GatewayRequestContext) async throws -> Response {
        let (service, name, principal) = try await self.authorize(
            .deleteToken,
            as: .deleteToken,
            request: request,
            context: context
        )
        guard let fate = try await self.deletion.delete(service: service, name: name, by: principal) else {
            throw AccessDenial.noToken
        }
        // The body is empty, as the service's was.
        var response = Response(status: .ok)
        if let field = HTTPField.Name("Token-Vault-Grant") { response.headers[field] = fate.title }
        return response
    }

    private func authorize(
        _ permission: Permission,
        as action: AuditEntry.Action,
        request: Request,
        context: GatewayRequestContext
    ) async throws -> (service: String, token: String, principal: Principal) {
        let principal = try await self.caller.principal(of: request, context: context)
        let service = try context.parameters.require("service").removingPercentEncoding ?? ""
        let token = try context.parameters.require("token").removingPercentEncoding ?? ""
        let resource = Resource.token(service: service, token: token)
        try await self.access.authorize(principal, to: permission, on: resource, as: action)
        try ResourceName.check(service, isNew: false, or: .noService)
        try ResourceName.check(token, isNew: permission == .createOrUpdateToken, or: .noToken)
        return (service, token, principal)
    }

    /// Without what is in it: who may list or make tokens may not read them for that.
    private func resource(_ token: StoredToken, site: String) -> VaultTokenResource {
        let uri = site + VaultPath.token(service: token.service, token: token.name).path
        return VaultTokenResource(
            name: token.name,
            displayName: token.displayName,
            tokenURI: uri,
            loginURI: uri + "/login",
            value: nil,
            status: VaultTokenResource.Status(token.state(at: self.now())),
            location: "local"
        )
    }
}
