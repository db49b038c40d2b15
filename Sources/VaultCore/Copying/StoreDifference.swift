/// What another store that takes a store's place has that it had not, and has not that it had.
package struct StoreDifference: Sendable, Hashable {
    /// What principals may do.
    package struct Grant: Sendable, Hashable {
        package let resource: Resource
        package let principal: Principal
        package let permissions: Permission

        package init(resource: Resource, principal: Principal, permissions: Permission) {
            self.resource = resource
            self.principal = principal
            self.permissions = permissions
        }
    }

    /// What somebody may do again, who could not any more.
    package let grantsBack: [Grant]
    package let grantsGone: [Grant]
    package let servicesBack: [String]
    package let servicesGone: [String]
    package let tokensBack: [TokenKey]
    package let tokensGone: [TokenKey]

    package init(from replaced: StoreInventory, to restored: StoreInventory) {
        self.grantsBack = Self.grants(of: restored, without: replaced)
        self.grantsGone = Self.grants(of: replaced, without: restored)
        self.servicesBack = restored.services.subtracting(replaced.services).sorted()
        self.servicesGone = replaced.services.subtracting(restored.services).sorted()
        self.tokensBack = Self.sorted(restored.tokens.subtracting(replaced.tokens))
        self.tokensGone = Self.sorted(replaced.tokens.subtracting(restored.tokens))
    }

    package var isEmpty: Bool {
        self.grantsBack.isEmpty && self.grantsGone.isEmpty && self.servicesBack.isEmpty && self.servicesGone.isEmpty
            && self.tokensBack.isEmpty && self.tokensGone.isEmpty
    }

    private struct Place: Hashable {
        let resource: Resource
        let principal: Principal
    }

    /// By whom and for what, whatever the policies are called and however many say it.
    private static func permissions(of store: StoreInventory) -> [Place: Permission] {
        store.policies.reduce(into: [:]) { permissions, policy in
            let place = Place(resource: policy.resource, principal: policy.principal)
            permissions[place, default: []].formUnion(policy.permissions)
        }
    }

    private static func grants(of one: StoreInventory, without other: StoreInventory) -> [Grant] {
        let others = self.permissions(of: other)
        return self.permissions(of: one).compactMap { place, permissions in
            let rest = permissions.subtracting(others[place] ?? [])
            return rest.isEmpty ? nil : Grant(resource: place.resource, principal: place.principal, permissions: rest)
        }
        .sorted { self.order($0) < self.order($1) }
    }

    private static func order(_ grant: Grant) -> (String, String, String) {
        (grant.resource.path, grant.principal.tenantID, grant.principal.objectID)
    }

    private static func sorted(_ tokens: Set<TokenKey>) -> [TokenKey] {
        tokens.sorted { ($0.service, $0.token) < ($1.service, $1.token) }
    }
}
