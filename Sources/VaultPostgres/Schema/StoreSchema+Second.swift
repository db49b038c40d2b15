extension StoreSchema {
    /// Adds in which history of the server the store was marked, or last started on a machine that had served it before.
    ///
    /// A restore to a moment and a fail-over begin another one. It is NULL until then.
    static let second = "ALTER TABLE store ADD COLUMN marked_timeline text"
}
