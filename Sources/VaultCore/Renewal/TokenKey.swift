/// Which token of a store.
package struct TokenKey: Sendable, Hashable, CustomStringConvertible {
    package let service: String
    package let token: String

    package init(service: String, token: String) {
        self.service = service
        self.token = token
    }

    package var description: String { "\(self.service)/\(self.token)" }
}
