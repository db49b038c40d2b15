/// A database that a store moves into.
package protocol ArrivingStore: Sendable {
    /// What is there.
    func arrival() async throws -> StoreArrival
    /// Begins the one transaction that takes everything in, and takes out what an interrupted move left.
    ///
    /// - Throws: ``StoreError``; ``StoreError/Code/unavailable`` when somebody uses the database.
    func begin() async throws
    /// Adds rows to a table.
    ///
    /// - Throws: ``StoreError``.
    func insert(_ rows: [[StoreValue]], into table: StoreTable) async throws
    /// How many rows a table has.
    func count(of table: StoreTable) async throws -> Int
    /// Ends the transaction: everything is there and on the disk, and nobody may serve it yet.
    ///
    /// - Throws: ``StoreError``.
    func complete(_ move: StoreMove) async throws
    /// Lets the store be served from here.
    ///
    /// - Throws: ``StoreError``.
    func arrive(_ move: StoreMove) async throws
    /// Gives up what was begun, if it is not complete.
    func close() async
}

/// What there is in a database that a store is to move into.
package enum StoreArrival: Sendable, Hashable {
    case nothing
    /// A store that may not be served before its move has ended.
    case incoming(StoreMove, of: MovingStore)
    /// A store, and the name of the move by which it came, if it came by one.
    case store(moveID: String?)
}
