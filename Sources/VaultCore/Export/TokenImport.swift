/// What came of taking tokens into a store: all of them, or none.
package enum TokenImport: Sendable, Hashable {
    case imported(Int)
    /// What keeps it from that, a sentence for each token.
    case refused([String])
}
