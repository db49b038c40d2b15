/// What a store says of a token to a principal, as it was at one moment.
package enum TokenLookup: Sendable, Hashable {
    /// The principal may not read tokens there; nothing is said of which there are.
    case forbidden
    /// The principal may, and there is none of that name.
    case missing
    case found(StoredToken)
}
