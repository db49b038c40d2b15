package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func renewalsDue(_ search: RenewalSearch) async throws -> [RenewalCandidate] {
        try await self.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    WITH due (token_id, urgency) AS (
                        SELECT token_id, expires_on FROM credential
                            WHERE refresh_token IS NOT NULL AND updated_at + (expires_on - updated_at) * ? <= ?
                        UNION ALL
                        SELECT token_id, updated_at FROM credential
                            WHERE refresh_token IS NOT NULL AND expires_on IS NULL AND updated_at < ?
                        UNION ALL
                        SELECT token_id, 0 FROM renewal WHERE phase <> 'idle'
                    ), urgent (token_id, urgency) AS (
                        SELECT token_id, min(urgency) FROM due GROUP BY token_id
                    )
                    \(TokenRow.query) JOIN urgent ON urgent.token_id = token.id
                        LEFT JOIN renewal ON renewal.token_id = token.id
                    WHERE credential.config_hash IN ('', service.config_hash) AND token.problem IS NOT 'Restored'
                        AND service.name NOT IN (SELECT value FROM json_each(?))
                        AND (urgency = 0 OR coalesce(retry_boot = ? AND retry_ms > ?, 0) = 0)
                        AND (urgency = 0 OR token.problem IS NULL OR token.problem = 'ServiceBroken'
                            OR token.problem = 'Uncertain' AND credential.expires_on <= ?)
                    ORDER BY urgency, token.id LIMIT ?
                    """,
                arguments: [
                    RenewalSearch.earliestPart, Self.seconds(search.date), Self.seconds(search.storedBefore),
                    try Self.json(search.excludedServices.sorted()), search.now.boot, search.now.milliseconds,
                    Self.seconds(search.date), search.limit,
                ]
            )
            return try rows.compactMap { row in
                let token = try TokenRow(row: row)
                return try token.renewal(LeaseRow.fetch(ofToken: token.id, in: db)).map {
                    RenewalCandidate(token: TokenKey(service: token.token.service, token: token.token.name), row: $0)
                }
            }
        }
    }

    package func renewal(of token: TokenKey) async throws -> RenewalRow? {
        try await self.read { db in
            guard let row = try TokenRow.fetchOne(service: token.service, name: token.token, in: db) else {
                return nil
            }
            return try row.renewal(LeaseRow.fetch(ofToken: row.id, in: db))
        }
    }

    package func changeRenewal<Result: Sendable>(
        of token: TokenKey,
        sealer: CredentialSealer,
        _ change: @escaping @Sendable (inout RenewalRow) -> (result: Result, writes: [RenewalWrite])
    ) async throws -> Result? {
        let changed: (result: Result, armed: Int64?)? = try await self.write(
            sealing: sealer,
            withLittleRoom: true
        ) { [now = self.timestamp] db, keys in
            guard
                let row = try TokenRow.fetchOne(service: token.service, name: token.token, in: db),
                let before = try row.renewal(LeaseRow.fetch(ofToken: row.id, in: db))
            else {
                return nil
            }
            let step = RenewalChange(of: before, change)
            guard !step.isNothing else { return (step.result, nil) }
            let after = step.after
            try LeaseRow.store(after.lease, ofToken: row.id, in: db)
            for write in step.writes {
                try self.perform(write, on: row, keys: keys, at: now, in: db)
            }
            try db.execute(
                sql: "UPDATE token SET problem = ? WHERE id = ?",
                arguments: [after.problem?.rawValue, row.id]
            )
            try self.note(step.event(of: token), at: now, in: db)
            try db.execute(
                sql: "UPDATE credential SET is_imported = ? WHERE token_id = ?",
                arguments: [after.isImported, row.id]
            )
            return (step.result, step.isArmed ? try Self.countArmed(in: db) : nil)
        }
        if let armed = changed?.armed {
            // Before anything is sent, and after it is certain that the database counts it.
            try await self.raiseMarker(to: armed)
        }
        return changed?.result
    }

    package func credential(
        of token: TokenKey,
        version: Int64,
        sealer: CredentialSealer
    ) async throws -> Credential? {
        guard
            let sealed = try await self.token(service: token.service, name: token.token)?.credential,
            sealed.version == version
        else {
            return nil
        }
        return try await sealer.open(sealed)
    }

    package func keptAnswer(of token: TokenKey, sealer: CredentialSealer) async throws -> Data? {
        let kept: (sealed: SealedValue, keyID: String, version: Int64)? = try await self.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT answer, answer_kid, answer_version FROM renewal
                    JOIN token ON token.id = token_id JOIN service ON service.id = service_id
                    WHERE service.name = ? AND token.name = ? AND answer IS NOT NULL
                    """,
                arguments: [token.service, token.token]
            )
            return row.map { (SealedValue(column: $0["answer"]), $0["answer_kid"], $0["answer_version"]) }
        }
        guard let kept else { return nil }
        return try await sealer.open {
            try $0.openBytes(
                kept.sealed,
                keyID: kept.keyID,
                as: SealedField(kind: .rawAnswer, of: token, version: kept.version)
            )
        }
    }

    private func perform(
        _ write: RenewalWrite,
        on row: TokenRow,
        keys: DataKeys,
        at now: Int64,
        in db: Database
    ) throws {
        let token = TokenKey(service: row.token.service, token: row.token.name)
        switch write {
        case .replaceCredential(let credential):
            guard let present = row.token.credential else { return }
            let merged = try credential.keepingRefreshToken(of: keys.open(present))
            _ = try Self.store(merged, in: row, keys: keys, at: now, db: db)
        case .keepAnswer(let answer):
            let version = try Self.nextVersion(in: db)
            let sealed = try keys.seal(answer, as: SealedField(kind: .rawAnswer, of: token, version: version))
            try db.execute(
                sql: "UPDATE renewal SET answer = ?, answer_kid = ?, answer_version = ? WHERE token_id = ?",
                arguments: [sealed.combined, keys.currentKeyID, version, row.id]
            )
        case .forgetAnswer:
            try Self.forgetAnswer(ofToken: row.id, in: db)
        case .quarantine(let answer):
            let version = try Self.nextVersion(in: db)
            let sealed = try keys.seal(answer, as: SealedField(kind: .rawAnswer, of: token, version: version))
            try db.execute(
                sql: "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [version, token.service, token.token, keys.currentKeyID, sealed.combined, now]
            )
        case .quarantineKeptAnswer:
            // As it is sealed: its place is the token and its number, and not the table.
            try db.execute(
                sql: """
                    INSERT INTO quarantine SELECT answer_version, ?, ?, answer_kid, answer, ? FROM renewal
                    WHERE token_id = ? AND answer IS NOT NULL
                    """,
                arguments: [token.service, token.token, now, row.id]
            )
            try Self.forgetAnswer(ofToken: row.id, in: db)
        case .note(let note):
            try self.append([AuditEntry(note, token: token)], at: now, in: db)
        }
    }

    private static func forgetAnswer(ofToken id: Int64, in db: Database) throws {
        try db.execute(
            sql: "UPDATE renewal SET answer = NULL, answer_kid = NULL, answer_version = NULL WHERE token_id = ?",
            arguments: [id]
        )
    }
}
