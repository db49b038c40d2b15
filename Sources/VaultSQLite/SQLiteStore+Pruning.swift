package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// How many rows one transaction deletes; in between, a vault that is serving gets to write.
    package static let pruningBatch = 20_000

    /// Deletes the rows of the audit from before a time, and notes in the audit how many; earlier notes stay.
    ///
    /// Each transaction deletes some rows and notes its own number, so that what is missing is accounted for wherever this
    /// is interrupted. Only then does the guard against deletion yield, and only for rows that are old enough.
    ///
    /// - Returns: How many rows were deleted.
    package func pruneAudit(
        before date: Date,
        by principal: Principal,
        batch: Int = Self.pruningBatch
    ) async throws -> Int {
        let limit = Int64(date.timeIntervalSince1970)
        var total = 0
        var position: Int64 = 0
        while let last = try await self.lastRow(of: batch, after: position, before: limit) {
            let begin = ContinuousClock.now
            total += try await self.write { [now = self.timestamp, position] db in
                try db.execute(sql: "INSERT INTO audit_pruning (before) VALUES (?)", arguments: [limit])
                try db.execute(
                    sql: "DELETE FROM audit WHERE id > ? AND id <= ? AND at < ? AND action <> 'pruneAudit'",
                    arguments: [position, last, limit]
                )
                let count = db.changesCount
                try db.execute(sql: "DELETE FROM audit_pruning")
                if count > 0 {
                    let entry = AuditEntry(
                        principal: principal,
                        action: .pruneAudit,
                        outcome: .pruned,
                        detail: "\(count) from before \(date.formatted(.iso8601))"
                    )
                    try Self.append(entry, at: now, in: db)
                }
                return count
            }
            position = last
            // SQLite's lock has no queue: who waits for it looks now and then, and must find it free.
            try await Task.sleep(for: min(max(begin.duration(to: .now), .milliseconds(5)), .seconds(1)))
        }
        return total
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
