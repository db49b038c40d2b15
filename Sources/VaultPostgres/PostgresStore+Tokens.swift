package import Foundation
package import VaultCore

extension PostgresStore {
    package func token(service: String, name: String) async throws -> StoredToken? {
        try await self.database.query { try TokenRow.fetchOne(service: service, name: name, in: $0)?.token }
    }

    /// One statement, and so one round trip, for what every read of a token begins with.
    package func lookUp(_ token: TokenKey, for principal: Principal) async throws -> TokenLookup {
        let paths = Resource.token(service: token.service, token: token.token).inherited.map(\.path)
        return try await self.database.query { db in
            let row = try db.row(
                """
                SELECT policy.granted, found.*
                FROM (
                    SELECT string_agg(permissions, ',') AS granted FROM access_policy
                    WHERE tenant_id = $1 AND object_id = $2 AND resource IN ($3, $4, $5)
                ) AS policy
                LEFT JOIN (\(TokenRow.query) WHERE service.name = $6 AND token.name = $7) AS found ON true
                """,
                [principal.tenantID, principal.objectID, paths[0], paths[1], paths[2], token.service, token.token]
            )
            guard let row, Permission(names: try row["granted"] ?? "").isSuperset(of: .getToken) else {
                return .forbidden
            }
            return try row["id"] as Int64? == nil ? .missing : .found(TokenRow(row).token)
        }
    }

    package func tokens() async throws -> [StoredToken] {
        try await self.database.query { db in
            try db.rows(TokenRow.query + " ORDER BY service.name, token.name").map { try TokenRow($0).token }
        }
    }

    package func tokens(of service: String, after name: String, limit: Int) async throws -> [StoredToken] {
        try await self.database.query { db in
            try db.rows(
                TokenRow.query + " WHERE service.name = $1 AND token.name > $2 ORDER BY token.name LIMIT $3",
                [service, name, limit]
            ).map { try TokenRow($0).token }
        }
    }

    package func putToken(
        service: String,
        name: String,
        displayName: String?,
        returnURLs: [String]?,
        unsavedUntil: Date?
    ) async throws -> (token: StoredToken, isNew: Bool)? {
        try await self.database.write { [now = self.timestamp] db in
            guard let serviceID = try Self.serviceID(service, in: db) else { return nil }
            if try TokenRow.fetchOne(service: service, name: name, in: db) == nil {
                // Where nobody logs in any more, nothing else would make room.
                if self.quotas.tokens != nil { try Self.deleteUnsavedTokens(at: now, in: db) }
                try Self.checkRoom(for: .tokens, limit: self.quotas.tokens, in: db)
            }
            let isNew = try Self.makeToken(name, ofService: serviceID, at: now, in: db)
            try db.execute(
                """
                UPDATE token SET display_name = coalesce($1, display_name), return_urls = coalesce($2, return_urls),
                    unsaved_until = CASE WHEN $3::bigint <> 0 OR unsaved_until IS NOT NULL THEN $4::bigint END
                WHERE service_id = $5 AND name = $6
                """,
                [
                    displayName, try returnURLs.map { try Self.json($0) }, isNew, unsavedUntil.map { Self.seconds($0) },
                    serviceID, name,
                ]
            )
            return try TokenRow.fetchOne(service: service, name: name, in: db).map { ($0.token, isNew) }
        }
    }

    package func deleteToken(service: String, name: String) async throws -> Bool {
        try await self.database.write { try Self.deleteToken(service: service, name: name, in: $0) }
    }

    private static func deleteToken(service: String, name: String, in db: PostgresTransaction) throws -> Bool {
        let count = try db.execute(
            "DELETE FROM token WHERE name = $1 AND service_id IN (SELECT id FROM service WHERE name = $2)",
            [name, service]
        )
        guard count > 0 else { return false }
        try self.deletePolicies(below: .token(service: service, token: name), in: db)
        return true
    }

    /// Forgets tokens that were made for a login which nobody finished in time; a few at once, the oldest first.
    ///
    /// One whose login is under way stays until that has come to an end; one that somebody else changes just now is for later.
    static func deleteUnsavedTokens(at now: Int64, in db: PostgresTransaction) throws {
        let rows = try db.rows(
            """
            SELECT service.name AS service, token.name AS token
            FROM token JOIN service ON service.id = service_id
            WHERE unsaved_until <= $1
                AND token.id NOT IN (SELECT token_id FROM pending_login WHERE expires_at > $1)
                AND token.id NOT IN (SELECT token_id FROM pending_credential WHERE expires_at > $1)
            ORDER BY unsaved_until LIMIT 100 FOR UPDATE OF token SKIP LOCKED
            """,
            [now]
        )
        for row in rows { _ = try self.deleteToken(service: row["service"], name: row["token"], in: db) }
    }

    /// True when there was none of that name.
    static func makeToken(
        _ name: String,
        ofService id: Int64,
        at now: Int64,
        in db: PostgresTransaction
    ) throws -> Bool {
        try db.execute(
            """
            INSERT INTO token (service_id, name, display_name, created_at) VALUES ($1, $2, $2, $3)
            ON CONFLICT DO NOTHING
            """,
            [id, name, now]
        ) > 0
    }
}
