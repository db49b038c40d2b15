/// What came of sealing everything with the newest data key.
package struct ResealCount: Sendable, Hashable {
    /// Rows whose values are sealed with it now.
    package var resealed = 0
    /// Rows that hold something that does not open, since it was damaged, or changed from outside: table, service and token.
    package var unreadable: [String] = []
    /// Such rows that were deleted, since what they hold is kept for a person to look at and for nothing else.
    package var dropped: [String] = []

    package init() {}
}
