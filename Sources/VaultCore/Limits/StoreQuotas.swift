/// How much callers of the API may make in a store; administrators on the machine itself may make more.
package struct StoreQuotas: Sendable, Hashable {
    package static let none = StoreQuotas()

    package let services: Int?
    package let tokens: Int?

    package init(services: Int? = nil, tokens: Int? = nil) {
        self.services = services
        self.tokens = tokens
    }
}
