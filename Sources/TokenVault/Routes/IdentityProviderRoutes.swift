import FastCGI
import Hummingbird
import VaultCore

/// Which identity providers a service can be made of.
struct IdentityProviderRoutes: Sendable {
    let caller: Caller
    let access: AccessControl
    let providers: ProviderCatalog

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.on("identityProviders", methods: [.get: { try await self.list(request: $0, context: $1) }])
    }

    private func list(request: Request, context: GatewayRequestContext) async throws -> Response {
        let principal = try await self.caller.principal(of: request, context: context)
        try await self.access.authorize(principal, to: .listIdentityProvider, on: .store, as: .listProviders)
        let rows = self.providers.names.compactMap { self.providers[$0].map(Row.init) }
        return try Response(json: ["value": rows])
    }

    private struct Row: Encodable {
        let name: String
        let displayName: String
        /// What a service has to give beside its client, where the provider has no default.
        let parameters: [String]

        init(_ provider: Provider) {
            self.name = provider.name
            self.displayName = provider.displayName
            self.parameters = provider.placeholders.filter { $0.value.defaultValue == nil }.map(\.key).sorted()
        }
    }
}
