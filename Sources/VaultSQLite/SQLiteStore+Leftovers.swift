import GRDB
package import VaultCore

extension SQLiteStore {
    package func leftovers() async throws -> RenewalLeftovers {
        try await self.read { db in
            RenewalLeftovers(
                quarantined: try Int.fetchOne(db, sql: "SELECT count(*) FROM quarantine") ?? 0,
                unread: try Int.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) FROM renewal JOIN token ON token.id = token_id
                        WHERE phase = 'answered' AND problem IS NOT 'Restored'
                        """
                ) ?? 0
            )
        }
    }
}
