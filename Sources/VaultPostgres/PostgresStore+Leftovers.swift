package import VaultCore

extension PostgresStore {
    package func leftovers() async throws -> RenewalLeftovers {
        try await self.database.read { db in
            RenewalLeftovers(
                quarantined: try db.value("SELECT count(*) AS value FROM quarantine") ?? 0,
                unread: try db.value(
                    """
                    SELECT count(*) AS value FROM renewal JOIN token ON token.id = token_id
                    WHERE phase = 'answered' AND problem IS DISTINCT FROM 'Restored'
                    """
                ) ?? 0
            )
        }
    }
}
