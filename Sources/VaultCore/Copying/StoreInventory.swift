/// What there is in a store, by name: nothing of what is in it.
package struct StoreInventory: Sendable, Hashable {
    package let services: Set<String>
    package let tokens: Set<TokenKey>
    package let policies: [AccessPolicy]

    package init(services: Set<String>, tokens: Set<TokenKey>, policies: [AccessPolicy]) {
        self.services = services
        self.tokens = tokens
        self.policies = policies
    }
}
