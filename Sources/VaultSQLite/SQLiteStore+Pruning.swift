package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// How many rows one transaction deletes; in between, a vault that is serving gets to write.
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
        var total = 0
        var walk = AuditPruningWalk(verification: try await self.auditVerification(sealer: sealer), limit: limit)
        while let last = try await self.lastRow(of: batch, after: walk.position, before: limit) {
            let begin = ContinuousClock.now
            // Looking at what goes holds up nobody.
            walk = try await self.read { [walk] db in
                var next = walk
                next.begin(upTo: last, checkpoints: try Self.auditCheckpoints(in: db))
                let rows = try AuditLinkCursor(after: next.position, limit: .max, in: db)
                while !next.isOver, let row = try rows.nextRow() { next.add(row.link, at: row.at, isNote: row.isNote) }
                return next
            }
            let entry = try walk.entry(by: principal, before: date, acceptsBroken: acceptsBroken)
            total += try await self.write { [now = self.timestamp, walk] db in
                try db.execute(sql: "INSERT INTO audit_pruning (before) VALUES (?)", arguments: [limit])
                try db.execute(
                    sql: "DELETE FROM audit WHERE id > ? AND id <= ? AND at < ? AND action <> 'pruneAudit'",
                    arguments: [walk.begin, last, limit]
                )
                try walk.check(deleted: db.changesCount)
                try db.execute(sql: "DELETE FROM audit_pruning")
                for checkpoint in walk.gone.values.flatMap({ $0 }) { try self.note(checkpoint, in: db) }
                try self.append([entry], at: now, in: db)
                return walk.count
            }
            // SQLite's lock has no queue: who waits for it looks now and then, and must find it free.
            try await Task.sleep(for: min(max(begin.duration(to: .now), .milliseconds(5)), .seconds(1)))
        }
        return total
    }

    /// Notes what was pruned, in one with what went before it.
    private func note(_ checkpoint: AuditCheckpoint, in db: Database) throws {
        guard let key = self.chain?.key else { return }
        let row = try Row.fetchOne(
            db,
            sql: "SELECT * FROM audit_checkpoint WHERE chain = ? AND last_seq = ?",
            arguments: [checkpoint.chain, checkpoint.first - 1]
        )
        let (whole, mac) = key.note(of: checkpoint, after: row.flatMap(Self.checkpoint))
        try db.execute(
            sql: "INSERT OR REPLACE INTO audit_checkpoint VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                whole.chain, whole.first, whole.last, whole.before.data, whole.after.data, mac.data,
            ]
        )
    }

    /// The last of the next rows that are old enough; looking for it holds up nobody.
    private func lastRow(of batch: Int, after position: Int64, before limit: Int64) async throws -> Int64? {
        try await self.read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(id) FROM (
                        SELECT id FROM audit WHERE id > ? AND at < ? AND action <> 'pruneAudit' ORDER BY id LIMIT ?
                    )
                    """,
                arguments: [position, limit, batch]
            )
        }
    }
}
