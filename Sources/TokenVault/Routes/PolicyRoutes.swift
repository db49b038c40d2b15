import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import VaultCore

/// Access policies of the store, of a service and of a token, by name.
struct PolicyRoutes: Sendable {
    let caller: Caller
    let access: AccessControl
    let store: any VaultStore

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        for prefix in ["", "services/:service/", "services/:service/tokens/:token/"] {
            router.on(
                "\(prefix)accessPolicies",
                methods: [.get: { try await self.list(request: $0, context: $1) }]
            )
            router.on(
                "\(prefix)accessPolicies/:policy",
                methods: [
                    .get: { try await self.get(request: $0, context: $1) },
                    .put: { try await self.put(request: $0, context: $1) },
                    .delete: { try await self.delete(request: $0, context: $1) },
                ]
            )
        }
    }

    private func list(request: Request, context: GatewayRequestContext) async throws -> Response {
        let resource = try await self.authorize(
            .listAccessPolicy,
            as: .listPolicies,
            request: request,
            context: context
        )
        let policies = try await self.store.policies(on: resource)
        return try Response(json: JSONTree.object(["value": .array(policies.map(Self.resource))]))
    }

    private func get(request: Request, context: GatewayRequestContext) async throws -> Response {
        let resource = try await self.authorize(.getAccessPolicy, as: .getPolicy, request: request, context: context)
        let name = try self.name(context)
        guard let policy = try await self.store.policies(on: resource).first(where: { $0.name == name }) else {
            throw AccessDenial.noPolicy
        }
        return try Response(json: Self.resource(policy))
    }

    private func put(request: Request, context: GatewayRequestContext) async throws -> Response {
        let resource = try await self.authorize(
            .createOrUpdateAccessPolicy,
            as: .putPolicy,
            request: request,
            context: context
        )
        let name = try self.name(context)
        try ResourceName.check(name, isNew: true, or: .noPolicy)
        let properties = try await RequestBody.properties(of: request)
        let policy = AccessPolicy(
            name: name,
            resource: resource,
            principal: try Self.principal(properties),
            permissions: try Self.permissions(properties)
        )
        guard let isNew = try await self.store.putPolicy(policy) else {
            if case .token = resource { throw AccessDenial.noToken }
            throw AccessDenial.noService
        }
        return try Response(json: Self.resource(policy), status: isNew ? .created : .ok)
    }

    private func delete(request: Request, context: GatewayRequestContext) async throws -> Response {
        let resource = try await self.authorize(
            .deleteAccessPolicy,
            as: .deletePolicy,
            request: request,
            context: context
        )
        guard try await self.store.deletePolicy(self.name(context), on: resource) else {
            throw AccessDenial.noPolicy
        }
        return Response(status: .ok)
    }

    private func name(_ context: GatewayRequestContext) throws -> String {
        try context.parameters.require("policy").removingPercentEncoding ?? ""
    }

    private func authorize(
        _ permission: Permission,
        as action: AuditEntry.Action,
        request: Request,
        context: GatewayRequestContext
    ) async throws -> Resource {
        let principal = try await self.caller.principal(of: request, context: context)
        let service = context.parameters.get("service").map { $0.removingPercentEncoding ?? "" }
        let token = context.parameters.get("token").map { $0.removingPercentEncoding ?? "" }
        let resource: Resource =
            switch (service, token) {
            case (let service?, let token?): .token(service: service, token: token)
            case (let service?, nil): .service(service)
            default: .store
            }
        try await self.access.authorize(principal, to: permission, on: resource, as: action)
        if let service { try ResourceName.check(service, isNew: false, or: .noService) }
        if let token { try ResourceName.check(token, isNew: false, or: .noToken) }
        return resource
    }

    private static func principal(_ properties: JSONTree) throws -> Principal {
        guard
            let tenantID = properties["principal"]?["tenantId"]?.text, Self.isID(tenantID),
            let objectID = properties["principal"]?["objectId"]?.text, Self.isID(objectID)
        else {
            throw VaultProblem.invalid("principal needs a tenantId and an objectId: the GUIDs that Entra shows.")
        }
        return Principal(tenantID: tenantID, objectID: objectID)
    }

    private static func isID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    private static func permissions(_ properties: JSONTree) throws -> Permission {
        guard let names = properties["permissions"]?.texts, !names.isEmpty else {
            throw VaultProblem.invalid("permissions is not a list of names.")
        }
        return try names.reduce(into: []) { permissions, name in
            guard let permission = Permission(name: name) else {
                throw VaultProblem.invalid(
                    "permissions has a name that is none: use \(Permission.allNames.joined(separator: ", "))."
                )
            }
            permissions.formUnion(permission)
        }
    }

    private static func resource(_ policy: AccessPolicy) -> JSONTree {
        .object([
            "name": .string(policy.name),
            "principal": .object([
                "tenantId": .string(policy.principal.tenantID), "objectId": .string(policy.principal.objectID),
            ]),
            "permissions": .array(policy.permissions.names.map(JSONTree.string)),
        ])
    }
}
