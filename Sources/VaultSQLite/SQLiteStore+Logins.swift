package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func addLogin(_ login: PendingLogin, limits: LoginLimits, sealer: CredentialSealer) async throws -> Bool {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            for table in ["pending_login", "pending_credential"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE expires_at <= ?", arguments: [now])
            }
            try Self.deleteUnsavedTokens(at: now, in: db)
            guard let row = try TokenRow.fetchOne(service: login.service, name: login.token, in: db) else {
                return false
            }
            try Self.makeRoomForLogin(ofToken: row.id, limits: limits, in: db)
            let version = try Self.nextVersion(in: db)
            let sealed = try keys.seal(Self.json(login.secrets), as: login.field(version: version))
            try db.execute(
                sql: """
                    INSERT INTO pending_login (
                        state_hash, token_id, cookie_hash, return_url, redirect_uri, config_hash, version, kid, sealed,
                        expires_at
                    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    login.stateHash, row.id, login.cookieHash, login.returnURL, login.redirectURI,
                    login.configurationHash, version, keys.currentKeyID, sealed.combined,
                    Self.seconds(login.expiresOn),
                ]
            )
            return true
        }
    }

    /// Whoever begins logins without end puts an end to those of the same token, and not to those of others.
    private static func makeRoomForLogin(ofToken id: Int64, limits: LoginLimits, in db: Database) throws {
        let oldest = "SELECT rowid FROM pending_login WHERE token_id = ? ORDER BY expires_at, rowid LIMIT ?"
        let forget = "DELETE FROM pending_login WHERE rowid IN (\(oldest))"
        let own = "SELECT count(*) FROM pending_login WHERE token_id = ?"
        let surplus = try (Int.fetchOne(db, sql: own, arguments: [id]) ?? 0) - limits.perToken + 1
        if surplus > 0 { try db.execute(sql: forget, arguments: [id, surplus]) }
        guard try Int.fetchOne(db, sql: "SELECT count(*) FROM pending_login") ?? 0 >= limits.altogether else { return }
        let busiest = "SELECT token_id FROM pending_login GROUP BY token_id ORDER BY count(*) DESC, token_id LIMIT 1"
        if let busiest = try Int64.fetchOne(db, sql: busiest) { try db.execute(sql: forget, arguments: [busiest, 1]) }
    }

    package func takeLogin(stateHash: Data, now: Date, sealer: CredentialSealer) async throws -> PendingLogin? {
        try await self.write(sealing: sealer) { db, keys in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT pending_login.*, service.name AS service, token.name AS token FROM pending_login
                    JOIN token ON token.id = token_id JOIN service ON service.id = service_id WHERE state_hash = ?
                    """,
                arguments: [stateHash]
            )
            guard let row else {
                return nil
            }
            try db.execute(sql: "DELETE FROM pending_login WHERE state_hash = ?", arguments: [stateHash])
            let expiresOn = Date(timeIntervalSince1970: TimeInterval(row["expires_at"] as Int64))
            guard expiresOn > now else {
                return nil
            }
            return try Self.login(row, expiresOn: expiresOn, keys: keys)
        }
    }

    private static func login(_ row: Row, expiresOn: Date, keys: DataKeys) throws -> PendingLogin {
        let text = try keys.open(SealedValue(column: row["sealed"]), keyID: row["kid"], as: self.loginField(row))
        guard let secrets = try? JSONDecoder().decode(PendingLogin.Secrets.self, from: Data(text.utf8)) else {
            throw SealerError.damaged
        }
        return self.login(row, secrets: secrets, expiresOn: expiresOn)
    }

    /// The place of the secrets of a row of `pending_login` with the names of its service and token.
    static func loginField(_ row: Row) -> SealedField {
        self.login(row, secrets: PendingLogin.Secrets(codeVerifier: nil), expiresOn: .distantPast)
            .field(version: row["version"])
    }

    private static func login(_ row: Row, secrets: PendingLogin.Secrets, expiresOn: Date) -> PendingLogin {
        PendingLogin(
            stateHash: row["state_hash"],
            cookieHash: row["cookie_hash"],
            service: row["service"],
            token: row["token"],
            returnURL: row["return_url"],
            redirectURI: row["redirect_uri"],
            configurationHash: row["config_hash"],
            secrets: secrets,
            expiresOn: expiresOn
        )
    }

    package func addPendingCredential(_ pending: PendingCredential, sealer: CredentialSealer) async throws -> Bool {
        // Made here, where it is known which request it is about.
        let entry = AuditEntry(kept: pending)
        return try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            guard let row = try TokenRow.fetchOne(service: pending.service, name: pending.token, in: db) else {
                return false
            }
            let version = try Self.nextVersion(in: db)
            let field = PendingCredential.field(
                service: pending.service,
                token: pending.token,
                codeHash: pending.codeHash,
                account: pending.account,
                version: version
            )
            let sealed = try keys.seal(Self.json(pending.credential), as: field)
            try db.execute(
                sql: """
                    INSERT INTO pending_credential (
                        code_hash, token_id, account_subject, account_label, version, kid, sealed, expires_at
                    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    pending.codeHash, row.id, pending.account?.subject, pending.account?.label, version,
                    keys.currentKeyID, sealed.combined, Self.seconds(pending.expiresOn),
                ]
            )
            try self.append([entry], at: now, in: db)
            return true
        }
    }

    package func redeemCode(
        hash: Data,
        service: String,
        token: String,
        allowAccountChange: Bool,
        by principal: Principal,
        now: Date,
        sealer: CredentialSealer
    ) async throws -> CodeRedemption {
        let request = RequestIdentifier.current
        return try await self.write(sealing: sealer) { db, keys in
            let pending = try PendingCode.fetch(hash, service: service, token: token, now: now, in: db)
            let redemption =
                try pending.map {
                    try Self.redeem($0, allowAccountChange: allowAccountChange, now: now, keys: keys, in: db)
                } ?? .unknownCode
            let entry = AuditEntry(
                redemption,
                account: pending?.code.account,
                service: service,
                token: token,
                by: principal,
                request: request
            )
            try self.append([entry], at: Self.seconds(now), in: db)
            try self.note(pending?.rules.event(of: redemption), at: Self.seconds(now), in: db)
            return redemption
        }
    }

    private static func redeem(
        _ pending: PendingCode,
        allowAccountChange: Bool,
        now: Date,
        keys: DataKeys,
        in db: Database
    ) throws -> CodeRedemption {
        if let refusal = pending.rules.refusal(allowsAccountChange: allowAccountChange) { return refusal }
        let target = pending.target
        let new = try pending.code.credential(of: target.token, keys: keys)
        try db.execute(sql: "DELETE FROM pending_credential WHERE code_hash = ?", arguments: [pending.code.hash])
        let hash = try String.fetchOne(
            db,
            sql: "SELECT config_hash FROM service WHERE name = ?",
            arguments: [target.token.service]
        )
        let credential = pending.rules.credential(from: new, configurationHash: hash) { try? keys.open($0) }
        guard let credential else { return .serviceChanged }
        let version = try Self.store(
            credential,
            in: target,
            account: pending.code.account,
            isImported: false,
            keys: keys,
            at: Self.seconds(now),
            db: db
        )
        return .saved(version)
    }
}
