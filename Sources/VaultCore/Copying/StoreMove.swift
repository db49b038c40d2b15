/// One move of a store from a database to another, as both of them note it.
package struct StoreMove: Sendable, Hashable {
    /// Its name, which no other move has.
    package let id: String
    /// Where to, or where from: the other database, for a person; no password is in it.
    package let other: String

    package init(id: String, other: String) {
        self.id = id
        self.other = other
    }
}
