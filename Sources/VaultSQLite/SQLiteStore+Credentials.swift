import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func saveCredential(
        _ credential: Credential,
        service: String,
        token: String,
        sealer: CredentialSealer
    ) async throws -> Int64? {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            guard let serviceID = try Self.serviceID(service, in: db) else {
                return nil
            }
            _ = try Self.makeToken(token, ofService: serviceID, at: now, in: db)
            guard let row = try TokenRow.fetchOne(service: service, name: token, in: db) else {
                return nil
            }
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
                let row = try TokenRow.fetchOne(service: service, name: token, in: db),
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
        try await self.write { db in
            try db.execute(
                sql: """
                    UPDATE token SET problem = ? WHERE name = ? AND version = ?
                        AND service_id IN (SELECT id FROM service WHERE name = ?)
                    """,
                arguments: [problem?.rawValue, token, version, service]
            )
            return db.changesCount > 0
        }
    }

    package func bindCredentials(sealer: CredentialSealer) async throws -> Int {
        var count = 0
        while true {
            // A few at a time, so that others get to write in between.
            let done = try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
                let rows = try Row.fetchAll(db, sql: TokenRow.query + " WHERE credential.is_bound < 2 LIMIT 500")
                    .map(TokenRow.init)
                for row in rows {
                    guard let sealed = row.token.credential else { continue }
                    if let credential = try? keys.open(sealed) {
                        _ = try Self.store(credential, in: row, keepsProblem: true, keys: keys, at: now, db: db)
                    } else {
                        // It does not open now, and shall not be asked for again; nor does it as it is marked then.
                        try db.execute(
                            sql: "UPDATE credential SET is_bound = 2 WHERE token_id = ?",
                            arguments: [row.id]
                        )
                    }
                }
                return rows.count
            }
            count += done
            guard done > 0 else {
                return count
            }
        }
    }

    /// Puts a credential into a token's row, under a number of its own.
    static func store(
        _ credential: Credential,
        in row: TokenRow,
        account: Account? = nil,
        isImported: Bool? = nil,
        keepsProblem: Bool = false,
        keys: DataKeys,
        at now: Int64,
        db: Database
    ) throws -> Int64 {
        let version = try self.nextVersion(in: db)
        let sealed = try keys.seal(
            credential,
            service: row.token.service,
            token: row.token.name,
            version: version
        )
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO credential (
                    token_id, kid, is_bound, access_token, refresh_token, extra_values, expires_on, refresh_expires_on,
                    refresh_digest, scopes, config_hash, is_imported, updated_at
                ) VALUES (?, ?, 2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                row.id, sealed.keyID, sealed.accessToken.combined, sealed.refreshToken?.combined,
                sealed.extraValues?.combined, sealed.place.expiresOn, sealed.place.refreshExpiresOn,
                sealed.refreshDigest, try sealed.scopes.map { try Self.json($0) }, sealed.place.configurationHash,
                isImported ?? row.isImported, now,
            ]
        )
        if let counter = sealed.counter {
            try db.execute(
                sql: "INSERT OR REPLACE INTO credential_counter (token_id, kid, sealed) VALUES (?, ?, ?)",
                arguments: [row.id, counter.keyID, counter.sealed.combined]
            )
        }
        try db.execute(
            sql: """
                UPDATE token SET version = ?, problem = CASE WHEN ? THEN problem END, unsaved_until = NULL WHERE id = ?
                """,
            arguments: [version, keepsProblem, row.id]
        )
        if let isImported {
            try db.execute(
                sql: "UPDATE token SET logged_in_at = ? WHERE id = ?",
                arguments: [isImported ? nil : now, row.id]
            )
        }
        if let account {
            try db.execute(
                sql: "UPDATE token SET account_subject = ?, account_label = ? WHERE id = ?",
                arguments: [account.subject, account.label, row.id]
            )
        }
        return version
    }
}
