import Foundation
package import VaultCore

extension PostgresStore {
    package func saveCredential(
        _ credential: Credential,
        service: String,
        token: String,
        sealer: CredentialSealer
    ) async throws -> Int64? {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            guard let serviceID = try Self.serviceID(service, in: db) else { return nil }
            _ = try Self.makeToken(token, ofService: serviceID, at: now, in: db)
            guard let row = try TokenRow.lockOne(service: service, name: token, in: db) else { return nil }
            return try Self.store(credential, in: row, isImported: true, keys: keys, at: now, db: db)
        }
    }

    package func replaceCredential(
        with credential: Credential,
        version: Int64,
        service: String,
        token: String,
        sealer: CredentialSealer
    ) async throws -> Int64? {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            guard
                let row = try TokenRow.lockOne(service: service, name: token, in: db),
                row.version == version, let present = row.token.credential
            else {
                return nil
            }
            let merged = try credential.keepingRefreshToken(of: keys.open(present))
            return try Self.store(merged, in: row, keys: keys, at: now, db: db)
        }
    }

    package func setProblem(
        _ problem: TokenProblem?,
        version: Int64,
        service: String,
        token: String
    ) async throws -> Bool {
        try await self.database.write { db in
            try db.execute(
                """
                UPDATE token SET problem = $1 WHERE name = $2 AND version = $3
                    AND service_id IN (SELECT id FROM service WHERE name = $4)
                """,
                [problem?.rawValue, token, version, service]
            ) > 0
        }
    }

    package func bindCredentials(sealer: CredentialSealer) async throws -> Int {
        var count = 0
        while true {
            // A few at a time, so that others get to write in between.
            let done = try await self.write(sealing: sealer, within: Self.batchPatience) {
                [now = self.timestamp] db, keys in
                let names = try db.rows(
                    """
                    SELECT service.name AS service, token.name AS token
                    FROM token JOIN service ON service.id = service_id
                    JOIN credential ON credential.token_id = token.id
                    WHERE credential.is_bound < 2 ORDER BY token.id LIMIT 200 FOR NO KEY UPDATE OF token
                    """
                )
                for name in names {
                    let row = try TokenRow.fetchOne(service: name["service"], name: name["token"], in: db)
                    guard let row, let sealed = row.token.credential else { continue }
                    if let credential = try? keys.open(sealed) {
                        _ = try Self.store(credential, in: row, keepsProblem: true, keys: keys, at: now, db: db)
                    } else {
                        // It does not open now, and shall not be asked for again; nor does it as it is marked then.
                        try db.execute("UPDATE credential SET is_bound = 2 WHERE token_id = $1", [row.id])
                    }
                }
                return names.count
            }
            count += done
            guard done > 0 else { return count }
        }
    }

    /// How long a step may take that goes through many rows.
    static let batchPatience = Duration.seconds(60)

    /// Puts a credential into a token's row, under a number of its own.
    static func store(
        _ credential: Credential,
        in row: TokenRow,
        account: Account? = nil,
        isImported: Bool? = nil,
        keepsProblem: Bool = false,
        keys: DataKeys,
        at now: Int64,
        db: PostgresTransaction
    ) throws -> Int64 {
        let version = try self.nextVersion(in: db)
        let sealed = try keys.seal(
            credential,
            service: row.token.service,
            token: row.token.name,
            version: version
        )
        try db.execute(
            """
            INSERT INTO credential (
                token_id, kid, is_bound, access_token, refresh_token, extra_values, expires_on, refresh_expires_on,
                refresh_digest, scopes, config_hash, is_imported, updated_at
            ) VALUES ($1, $2, 2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (token_id) DO UPDATE SET kid = excluded.kid, is_bound = excluded.is_bound,
                access_token = excluded.access_token, refresh_token = excluded.refresh_token,
                extra_values = excluded.extra_values, expires_on = excluded.expires_on,
                refresh_expires_on = excluded.refresh_expires_on, refresh_digest = excluded.refresh_digest,
                scopes = excluded.scopes, config_hash = excluded.config_hash, is_imported = excluded.is_imported,
                updated_at = excluded.updated_at
            """,
            [
                row.id, sealed.keyID, sealed.accessToken.combined, sealed.refreshToken?.combined,
                sealed.extraValues?.combined, sealed.place.expiresOn, sealed.place.refreshExpiresOn,
                sealed.refreshDigest, try sealed.scopes.map { try Self.json($0) }, sealed.place.configurationHash,
                isImported ?? row.isImported, now,
            ]
        )
        if let counter = sealed.counter {
            try db.execute(
                """
                INSERT INTO credential_counter (token_id, kid, sealed) VALUES ($1, $2, $3)
                ON CONFLICT (token_id) DO UPDATE SET kid = excluded.kid, sealed = excluded.sealed
                """,
                [row.id, counter.keyID, counter.sealed.combined]
            )
        }
        try db.execute(
            """
            UPDATE token SET version = $2, problem = CASE WHEN $3::bigint <> 0 THEN problem END, unsaved_until = NULL,
                logged_in_at = CASE WHEN $4::bigint IS NULL THEN logged_in_at WHEN $4 = 0 THEN $5::bigint END,
                account_subject = CASE WHEN $6::text IS NULL THEN account_subject ELSE $6 END,
                account_label = CASE WHEN $6 IS NULL THEN account_label ELSE $7 END
            WHERE id = $1
            """,
            [row.id, version, keepsProblem, isImported, now, account?.subject, account?.label]
        )
        return version
    }
}
