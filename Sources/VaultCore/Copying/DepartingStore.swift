/// A store on its way out of a database.
///
/// When it is gone without having departed, by a crash or otherwise, the store is as it was.
package protocol DepartingStore: Sendable {
    /// Where the store has gone; nil while it is here.
    func departure() async throws -> StoreMove?
    /// Which store this is; nil where there is none.
    func identity() async throws -> MovingStore?
    /// Keeps everybody else from changing the store from here on.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when somebody uses the store.
    func begin() async throws
    /// Rows of a table in the order of its key, those behind a key first.
    ///
    /// - Throws: ``StoreError``.
    func rows(of table: StoreTable, after key: [StoreValue]?, limit: Int) async throws -> [[StoreValue]]
    /// Notes where the store has gone; from then on nobody serves it from here, nor writes into it.
    ///
    /// Backups of before count as old ones: whoever puts one back uses no refresh token that the store may use where it is now.
    ///
    /// - Throws: ``StoreError``.
    func depart(_ move: StoreMove) async throws
    /// Lets others at the store again, if it has not departed.
    func close() async
}
