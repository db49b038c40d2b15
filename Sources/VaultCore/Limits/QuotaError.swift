/// Something would have been made beyond what a store may hold.
package struct QuotaError: Error, Sendable, Hashable {
    package enum Kind: String, Sendable {
        case services
        case tokens
    }

    package let kind: Kind
    package let limit: Int

    package init(_ kind: Kind, limit: Int) {
        self.kind = kind
        self.limit = limit
    }
}
