import GRDB

/// What renewals left behind that came to no ordinary end.
package struct RenewalLeftovers: Sendable, Hashable {
    /// Answers of providers that came too late to be used.
    package let quarantined: Int
    /// Answers that are stored and that nobody has read yet, but for those that were set aside.
    package let unread: Int
}

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
