/// By what a store is known to be the same one in two databases.
package struct MovingStore: Sendable, Hashable {
    package let name: String
    /// In seconds since 1970.
    package let createdAt: Int64

    package init(name: String, createdAt: Int64) {
        self.name = name
        self.createdAt = createdAt
    }
}
