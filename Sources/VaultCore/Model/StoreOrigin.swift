/// Whether a database is the one that it was when a vault last served it.
package enum StoreOrigin: Sendable, Hashable {
    /// It is.
    case same
    /// Nobody can tell yet: it was never marked.
    case unmarked
    /// It is an older state, or a copy: the reason, for a person.
    case copy(reason: String)
    /// It may be either, and only a machine that has served it can tell: the reason, for a person.
    case undecided(reason: String)
}
