package import Foundation
package import VaultCore

extension PostgresStore {
    /// Counts what there is; a token that a reader would get counts as `Ok`.
    package func counts(at date: Date) async throws -> StoreCounts {
        try await self.database.read { [now = Self.seconds(date)] db in
            let tokens = try db.rows(
                """
                SELECT service.name AS service, count(*) AS count, CASE
                    WHEN token.problem IS NOT NULL THEN token.problem
                    WHEN credential.token_id IS NULL THEN 'Unauthenticated'
                    WHEN credential.config_hash <> '' AND credential.config_hash <> service.config_hash
                        THEN 'ServiceChanged'
                    WHEN credential.expires_on <= $1 THEN
                        CASE WHEN credential.refresh_token IS NULL THEN 'Unauthenticated' ELSE 'RenewalPending' END
                    ELSE 'Ok' END AS state
                FROM token JOIN service ON service.id = token.service_id
                LEFT JOIN credential ON credential.token_id = token.id
                GROUP BY 1, 3 ORDER BY 1, 3
                """,
                [now]
            ).map {
                StoreCounts.Tokens(service: try $0["service"], state: try $0["state"], count: try $0["count"])
            }
            return StoreCounts(
                tokens: tokens,
                pendingLogins: try db.value("SELECT count(*) AS value FROM pending_login") ?? 0,
                keyCreatedAt: try db.value("SELECT max(created_at) AS value FROM dek") ?? 0
            )
        }
    }
}
