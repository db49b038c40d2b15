import GRDB
import VaultCore

extension SQLiteStore {
    /// Which store this is, wherever it is moved; nil where there is none.
    func identity() async throws -> MovingStore? {
        try await self.read { db in
            try Row.fetchOne(db, sql: "SELECT name, created_at FROM store").map {
                MovingStore(name: $0["name"], createdAt: $0["created_at"])
            }
        }
    }
}

extension Database {
    /// - Throws: ``StoreError/Code/failed`` unless the last statement wrote one row, as a step of a move has to.
    func checkOneRowWritten() throws {
        guard self.changesCount == 1 else {
            throw StoreError(.failed, "The store was changed by somebody else while it was moved: run the same again.")
        }
    }
}
