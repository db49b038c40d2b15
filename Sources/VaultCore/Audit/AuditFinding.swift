/// Something that is not as it was written.
package enum AuditFinding: Sendable, Hashable {
    /// An entry says something else, or is another.
    case changed(id: Int64)
    /// An entry is in no chain, or in a place of its chain that is taken.
    case inserted(id: Int64)
    /// Entries of a chain are gone; the entry is the next one that is there.
    case removed(chain: Int64, first: Int64, last: Int64, id: Int64)
    /// Entries at the end of a chain are gone.
    case cut(chain: Int64, first: Int64, last: Int64)
    /// The end of a chain is not the one that is noted.
    case otherEnd(chain: Int64)
    /// Nothing is left of a chain.
    case lost(chain: Int64)
    /// The key of the chains is gone; the entry is the first one that another key chains.
    case keyLost(id: Int64?)

    /// The entry that is broken, or the first one behind what is gone; nil at the end.
    package var id: Int64? {
        switch self {
        case .changed(let id), .inserted(let id), .removed(_, _, _, let id): id
        case .keyLost(let id): id
        case .cut, .otherEnd, .lost: nil
        }
    }

    package var sentence: String {
        switch self {
        case .changed(let id): "Entry \(id) was changed, or another was put in its place."
        case .inserted(let id): "Entry \(id) was inserted, or moved."
        case .removed(let chain, let first, let last, let id):
            "\(Self.entries(last - first + 1)) removed before entry \(id): \(Self.numbers(first, last)) of chain \(chain)."
        case .cut(let chain, let first, let last):
            "\(Self.entries(last - first + 1)) removed at the end: \(Self.numbers(first, last)) of chain \(chain)."
        case .otherEnd(let chain): "The end of chain \(chain) is not the one that was noted."
        case .lost(let chain): "Chain \(chain) was removed."
        case .keyLost(nil):
            "The key of the audit was removed: nobody can say whether its entries are as they were written."
        case .keyLost(let id?):
            "The key of the audit was removed, and another was made at entry \(id): nobody can say whether the entries before it "
                + "are as they were written."
        }
    }

    private static func entries(_ count: Int64) -> String { count == 1 ? "1 entry was" : "\(count) entries were" }

    private static func numbers(_ first: Int64, _ last: Int64) -> String {
        first == last ? "number \(first)" : "numbers \(first) to \(last)"
    }
}
