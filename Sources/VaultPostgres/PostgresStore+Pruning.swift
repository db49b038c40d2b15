package import Foundation
package import VaultCore

extension PostgresStore {
    /// How many rows one transaction deletes.
    package static let pruningBatch = 20_000

    package func pruneAudit(
        before date: Date,
        by principal: Principal,
        sealer: CredentialSealer?,
        acceptsBroken: Bool
    ) async throws -> Int {
        try await self.pruneAudit(
            before: date,
            by: principal,
            sealer: sealer,
            acceptsBroken: acceptsBroken,
            batch: Self.pruningBatch
        )
    }

    /// Deletes the rows of the audit from before a time, and notes in the audit how many; earlier notes stay.
    ///
    /// Each transaction deletes some rows and notes its own number, so that what is missing is accounted for wherever this
    /// is interrupted; where they were chained, a signed checkpoint joins what is around them. Only then does the guard
    /// against deletion yield, and only for rows that are old enough.
    ///
    /// - Parameters:
    ///   - date: Rows from before this go.
    ///   - principal: Who prunes.
    ///   - sealer: Opens the key of the audit; nil for a store whose audit is not chained.
    ///   - acceptsBroken: Whether rows of a chain that is broken go too; the note says what was broken first.
    ///   - batch: How many rows one transaction deletes.
    /// - Returns: How many rows were deleted.
    /// - Throws: ``BrokenAuditError`` when the chain of what would go is broken, which would be hidden by that; ``StoreError``.
    package func pruneAudit(
        before date: Date,
        by principal: Principal,
        sealer: CredentialSealer? = nil,
        acceptsBroken: Bool = false,
        batch: Int = Self.pruningBatch
    ) async throws -> Int {
        let limit = Int64(date.timeIntervalSince1970)
        let end = try await self.settledEnd()
        var total = 0
        var walk = AuditPruningWalk(verification: try await self.auditVerification(sealer: sealer), limit: limit)
        while let last = try await self.lastRow(of: batch, after: walk.position, upTo: end, before: limit) {
            // Looking at what goes holds up nobody.
            walk = try await self.database.read(within: Self.batchPatience) { [walk] db in
                var next = walk
                next.begin(upTo: last, checkpoints: try Self.auditCheckpoints(in: db))
                while !next.isOver {
                    let entries = try AuditLinks.fetch(after: next.position, limit: 5_000, in: db)
                    guard !entries.isEmpty else { break }
                    for entry in entries where !next.isOver { next.add(entry.link, at: entry.at, isNote: entry.isNote) }
                }
                return next
            }
            let entry = try walk.entry(by: principal, before: date, acceptsBroken: acceptsBroken)
            total += try await self.database.write(within: Self.batchPatience) { [now = self.timestamp, walk] db in
                try db.execute("INSERT INTO audit_pruning (before) VALUES ($1)", [limit])
                let count = try db.execute(
                    "DELETE FROM audit WHERE id > $1 AND id <= $2 AND at < $3 AND action <> 'pruneAudit'",
                    [walk.begin, last, limit]
                )
                try walk.check(deleted: count)
                try db.execute("DELETE FROM audit_pruning")
                for checkpoint in walk.gone.values.flatMap({ $0 }) { try self.note(checkpoint, in: db) }
                try self.append([entry], at: now, in: db)
                return walk.count
            }
        }
        return total
    }

    /// The last entry before which none comes any more: an entry gets its number some time before others see it.
    private func settledEnd() async throws -> Int64 {
        try await self.database.write { db in
            // Waits for all who are about to write one.
            try db.execute("LOCK TABLE audit_chain IN EXCLUSIVE MODE")
            return try db.value("SELECT max(id) AS value FROM audit") ?? 0
        }
    }

    /// Notes what was pruned, in one with what went before it.
    private func note(_ checkpoint: AuditCheckpoint, in db: PostgresTransaction) throws {
        guard let key = self.chain?.key else { return }
        let row = try db.row(
            "SELECT * FROM audit_checkpoint WHERE chain = $1 AND last_seq = $2",
            [checkpoint.chain, checkpoint.first - 1]
        )
        let (whole, mac) = key.note(of: checkpoint, after: try row.flatMap(Self.checkpoint))
        try db.execute(
            """
            INSERT INTO audit_checkpoint (chain, first_seq, last_seq, before_mac, after_mac, mac)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (chain, first_seq) DO UPDATE SET last_seq = excluded.last_seq,
                before_mac = excluded.before_mac, after_mac = excluded.after_mac, mac = excluded.mac
            """,
            [whole.chain, whole.first, whole.last, whole.before.data, whole.after.data, mac.data]
        )
    }

    /// The last of the next rows that are old enough.
    private func lastRow(of batch: Int, after position: Int64, upTo end: Int64, before limit: Int64) async throws
        -> Int64?
    {
        try await self.database.query { db in
            try db.value(
                """
                SELECT max(id) AS value FROM (
                    SELECT id FROM audit WHERE id > $1 AND id <= $2 AND at < $3 AND action <> 'pruneAudit'
                    ORDER BY id LIMIT $4
                ) AS next
                """,
                [position, end, limit, batch]
            )
        }
    }
}
