package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func counts(at date: Date) async throws -> StoreCounts {
        try await self.read { [now = Self.seconds(date)] db in
            let tokens = try Row.fetchAll(
                db,
                sql: """
                    SELECT service.name AS service, count(*) AS count, CASE
                        WHEN token.problem IS NOT NULL THEN token.problem
                        WHEN credential.token_id IS NULL THEN 'Unauthenticated'
                        WHEN credential.config_hash <> '' AND credential.config_hash <> service.config_hash
                            THEN 'ServiceChanged'
                        WHEN credential.expires_on <= ? THEN
                            CASE WHEN credential.refresh_token IS NULL THEN 'Unauthenticated' ELSE 'RenewalPending' END
                        ELSE 'Ok' END AS state
                    FROM token JOIN service ON service.id = token.service_id
                    LEFT JOIN credential ON credential.token_id = token.id
                    GROUP BY 1, 3 ORDER BY 1, 3
                    """,
                arguments: [now]
            ).map { StoreCounts.Tokens(service: $0["service"], state: $0["state"], count: $0["count"]) }
            return StoreCounts(
                tokens: tokens,
                pendingLogins: try Int.fetchOne(db, sql: "SELECT count(*) FROM pending_login") ?? 0,
                keyCreatedAt: try Int64.fetchOne(db, sql: "SELECT max(created_at) FROM dek") ?? 0
            )
        }
    }
}
