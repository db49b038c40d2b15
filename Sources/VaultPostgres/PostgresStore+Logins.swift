package import Foundation
package import VaultCore

extension PostgresStore {
    package func addLogin(_ login: PendingLogin, limits: LoginLimits, sealer: CredentialSealer) async throws -> Bool {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            for (table, key) in [("pending_login", "state_hash"), ("pending_credential", "code_hash")] {
                try db.execute(
                    """
                    DELETE FROM \(table) WHERE \(key) IN (
                        SELECT \(key) FROM \(table) WHERE expires_at <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED
                    )
                    """,
                    [now]
                )
            }
            try Self.deleteUnsavedTokens(at: now, in: db)
            guard let row = try TokenRow.lockOne(service: login.service, name: login.token, in: db) else {
                return false
            }
            try Self.makeRoomForLogin(ofToken: row.id, limits: limits, in: db)
            let version = try Self.nextVersion(in: db)
            let sealed = try keys.seal(Self.json(login.secrets), as: login.field(version: version))
            try db.execute(
                """
                INSERT INTO pending_login (
                    state_hash, token_id, cookie_hash, return_url, redirect_uri, config_hash, version, kid, sealed,
                    expires_at
                ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                [
                    login.stateHash, row.id, login.cookieHash, login.returnURL, login.redirectURI,
                    login.configurationHash, version, keys.currentKeyID, sealed.combined,
                    Self.seconds(login.expiresOn),
                ]
            )
            return true
        }
    }

    /// Whoever begins logins without end puts an end to those of the same token, and not to those of others.
    private static func makeRoomForLogin(
        ofToken id: Int64,
        limits: LoginLimits,
        in db: PostgresTransaction
    ) throws {
        let forget = """
            DELETE FROM pending_login WHERE state_hash IN (
                SELECT state_hash FROM pending_login WHERE token_id = $1 ORDER BY expires_at, version LIMIT $2
            )
            """
        let own: Int = try db.value("SELECT count(*) AS value FROM pending_login WHERE token_id = $1", [id]) ?? 0
        let surplus = own - limits.perToken + 1
        if surplus > 0 { try db.execute(forget, [id, surplus]) }
        let all: Int = try db.value("SELECT count(*) AS value FROM pending_login") ?? 0
        guard all >= limits.altogether else { return }
        let busiest: Int64? = try db.value(
            """
            SELECT token_id AS value FROM pending_login GROUP BY token_id ORDER BY count(*) DESC, token_id LIMIT 1
            """
        )
        if let busiest { try db.execute(forget, [busiest, 1]) }
    }

    package func takeLogin(stateHash: Data, now: Date, sealer: CredentialSealer) async throws -> PendingLogin? {
        try await self.write(sealing: sealer) { db, keys in
            let row = try db.row(
                """
                WITH taken AS (DELETE FROM pending_login WHERE state_hash = $1 RETURNING *)
                SELECT taken.*, service.name AS service, token.name AS token FROM taken
                JOIN token ON token.id = token_id JOIN service ON service.id = service_id
                """,
                [stateHash]
            )
            guard let row else { return nil }
            let expiresOn = Self.date(try row["expires_at"])
            guard expiresOn > now else { return nil }
            return try Self.login(row, expiresOn: expiresOn, keys: keys)
        }
    }

    private static func login(_ row: PostgresRow, expiresOn: Date, keys: DataKeys) throws -> PendingLogin {
        let text = try keys.open(SealedValue(column: row["sealed"]), keyID: row["kid"], as: self.loginField(row))
        guard let secrets = try? JSONDecoder().decode(PendingLogin.Secrets.self, from: Data(text.utf8)) else {
            throw SealerError.damaged
        }
        return try self.login(row, secrets: secrets, expiresOn: expiresOn)
    }

    /// The place of the secrets of a row of `pending_login` with the names of its service and token.
    static func loginField(_ row: PostgresRow) throws -> SealedField {
        try self.login(row, secrets: PendingLogin.Secrets(codeVerifier: nil), expiresOn: .distantPast)
            .field(version: row["version"])
    }

    private static func login(
        _ row: PostgresRow,
        secrets: PendingLogin.Secrets,
        expiresOn: Date
    ) throws -> PendingLogin {
        PendingLogin(
            stateHash: try row["state_hash"],
            cookieHash: try row["cookie_hash"],
            service: try row["service"],
            token: try row["token"],
            returnURL: try row["return_url"],
            redirectURI: try row["redirect_uri"],
            configurationHash: try row["config_hash"],
            secrets: secrets,
            expiresOn: expiresOn
        )
    }
}
