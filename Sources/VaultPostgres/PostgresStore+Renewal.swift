package import Foundation
package import VaultCore

extension PostgresStore {
    package func renewalsDue(_ search: RenewalSearch) async throws -> [RenewalCandidate] {
        let excluded = try Self.json(search.excludedServices.sorted())
        let (candidates, armed) = try await self.database.read { [leaseNow = self.leaseNow, watch = self.watch] db in
            let rows = try db.rows(
                """
                WITH due (token_id, urgency) AS (
                    SELECT token_id, expires_on FROM credential
                        WHERE refresh_token IS NOT NULL
                            AND updated_at + (expires_on - updated_at) * \(RenewalSearch.earliestPart) <= $1::bigint
                    UNION ALL
                    SELECT token_id, updated_at FROM credential
                        WHERE refresh_token IS NOT NULL AND expires_on IS NULL AND updated_at < $2
                    UNION ALL
                    SELECT token_id, 0 FROM renewal WHERE phase <> 'idle'
                ), urgent (token_id, urgency) AS (
                    SELECT token_id, min(urgency) FROM due GROUP BY token_id
                )
                SELECT \(TokenRow.columns), \(LeaseRow.columns) \(TokenRow.tables)
                    JOIN urgent ON urgent.token_id = token.id \(LeaseRow.join)
                WHERE credential.config_hash IN ('', service.config_hash) AND token.problem IS DISTINCT FROM 'Restored'
                    AND service.name NOT IN (SELECT json_array_elements_text($3::json))
                    AND (urgency = 0 OR NOT coalesce(retry_boot = $4 AND retry_ms > $5, false))
                    AND (urgency = 0 OR NOT coalesce(
                        retry_boot <> $4 AND retry_on - (extract(epoch FROM clock_timestamp()) * 1000)::bigint
                            BETWEEN 1 AND \(LeaseRow.longestPause), false))
                    AND (urgency = 0 OR token.problem IS NULL OR token.problem = 'ServiceBroken'
                        OR token.problem = 'Uncertain' AND credential.expires_on <= $1)
                ORDER BY urgency, token.id LIMIT $6
                """,
                [
                    Self.seconds(search.date), Self.seconds(search.storedBefore), excluded, search.now.boot,
                    search.now.milliseconds, search.limit,
                ]
            )
            let candidates = try rows.compactMap { row -> RenewalCandidate? in
                let token = try TokenRow(row)
                let lease = try LeaseRow(row, token: token.id, now: leaseNow(), watch: watch).lease
                return token.renewal(lease).map {
                    RenewalCandidate(token: TokenKey(service: token.token.service, token: token.token.name), row: $0)
                }
            }
            return (candidates, try Self.armed(in: db))
        }
        // What others have sent is known on this machine too before long, so that it tells a database of before when it sees one.
        try await self.raiseMarker(to: armed)
        return candidates
    }

    package func renewal(of token: TokenKey) async throws -> RenewalRow? {
        try await self.database.query { [leaseNow = self.leaseNow, watch = self.watch] db in
            try Self.renewal(of: token, now: leaseNow, watch: watch, in: db)?.renewal
        }
    }

    /// A token, its lease, and both as the rules see them; nil when there is none, or it has no credential.
    private static func renewal(
        of token: TokenKey,
        now: () -> LeaseTime,
        watch: LeaseWatch,
        in db: PostgresTransaction
    ) throws -> (row: TokenRow, lease: LeaseRow, renewal: RenewalRow)? {
        let found = try db.row(
            """
            SELECT \(TokenRow.columns), \(LeaseRow.columns) \(TokenRow.tables) \(LeaseRow.join)
            WHERE service.name = $1 AND token.name = $2
            """,
            [token.service, token.token]
        )
        guard let found else { return nil }
        let row = try TokenRow(found)
        let lease = try LeaseRow(found, token: row.id, now: now(), watch: watch)
        return row.renewal(lease.lease).map { (row, lease, $0) }
    }

    package func changeRenewal<Result: Sendable>(
        of token: TokenKey,
        sealer: CredentialSealer,
        _ change: @escaping @Sendable (inout RenewalRow) -> (result: Result, writes: [RenewalWrite])
    ) async throws -> Result? {
        let changed: (result: Result, armed: Int64?)? = try await self.write(sealing: sealer) {
            [now = self.timestamp] db, keys in
            guard try TokenRow.isLocked(service: token.service, name: token.token, in: db),
                let (row, lease, before) = try Self.renewal(of: token, now: self.leaseNow, watch: self.watch, in: db)
            else {
                return nil
            }
            let step = RenewalChange(of: before, change)
            guard !step.isNothing else { return (step.result, nil) }
            let after = step.after
            try lease.store(after.lease, in: db)
            for write in step.writes { try self.perform(write, on: row, keys: keys, at: now, in: db) }
            if after.problem != before.problem || after.isImported != before.isImported || !step.writes.isEmpty {
                try db.execute(
                    """
                    WITH credentials AS (UPDATE credential SET is_imported = $3 WHERE token_id = $1)
                    UPDATE token SET problem = $2 WHERE id = $1
                    """,
                    [row.id, after.problem?.rawValue, after.isImported]
                )
            }
            try self.note(step.event(of: token), at: now, in: db)
            // Last, since others wait for the chain.
            let notes = step.writes.compactMap(\.note).map { AuditEntry($0, token: token) }
            if !notes.isEmpty { try self.append(notes, at: now, in: db) }
            return (step.result, step.isArmed ? try self.countArmed(in: db) : nil)
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
        let kept: (sealed: SealedValue, keyID: String, version: Int64)? = try await self.database.query { db in
            let row = try db.row(
                """
                SELECT answer, answer_kid, answer_version FROM renewal
                JOIN token ON token.id = token_id JOIN service ON service.id = service_id
                WHERE service.name = $1 AND token.name = $2 AND answer IS NOT NULL
                """,
                [token.service, token.token]
            )
            return try row.map {
                (SealedValue(column: try $0["answer"]), try $0["answer_kid"], try $0["answer_version"])
            }
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
}
