/// What came of sealing everything with the newest data key.
package struct ResealCount: Sendable, Hashable {
    /// Rows whose values are sealed with it now.
    package var resealed = 0
    /// Rows that hold something that does not open: it was damaged, or changed from outside.
    package var unreadable = 0

    package init() {}
}
