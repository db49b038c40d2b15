/// Why something sealed does not open.
package enum SealerError: Error, Sendable, Equatable {
    /// The key file holds another key than the one that the store was made with.
    case wrongKey
    /// Key and store belong together, but what is stored was changed, moved or lost.
    case damaged
    /// It was sealed with a data key that is not known here: one that another process has made since, or none of this store.
    case unknownKey
}
