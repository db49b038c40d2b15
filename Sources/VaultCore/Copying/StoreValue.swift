package import Foundation

/// What a column of a store holds, in whatever database that is.
package enum StoreValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case bytes(Data)
}
