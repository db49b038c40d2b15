import Foundation
import GRDB
import VaultCore

/// The row of a ``RenewalLease``; a token without one has never been renewed.
enum LeaseRow {
    static func fetch(ofToken id: Int64, in db: Database) throws -> RenewalLease {
        let statement = try db.cachedStatement(sql: "SELECT * FROM renewal WHERE token_id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else {
            return RenewalLease()
        }
        return RenewalLease(
            owner: row["owner"],
            epoch: row["epoch"],
            until: self.time(row, "until"),
            phase: RenewalLease.Phase(stored: row["phase"]),
            version: row["version"],
            presentedDigest: row["presented_digest"],
            armedAt: self.time(row, "armed"),
            lostAnswers: row["lost_answers"],
            failures: row["failures"],
            retryAt: self.time(row, "retry")
        )
    }

    static func store(_ lease: RenewalLease, ofToken id: Int64, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO renewal (
                    token_id, owner, epoch, until_boot, until_ms, phase, version, presented_digest, armed_boot, armed_ms,
                    lost_answers, failures, retry_boot, retry_ms
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (token_id) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch,
                    until_boot = excluded.until_boot, until_ms = excluded.until_ms, phase = excluded.phase,
                    version = excluded.version, presented_digest = excluded.presented_digest,
                    armed_boot = excluded.armed_boot, armed_ms = excluded.armed_ms,
                    lost_answers = excluded.lost_answers, failures = excluded.failures,
                    retry_boot = excluded.retry_boot, retry_ms = excluded.retry_ms
                """,
            arguments: [
                id, lease.owner, lease.epoch, lease.until?.boot, lease.until?.milliseconds, lease.phase.rawValue,
                lease.version, lease.presentedDigest, lease.armedAt?.boot, lease.armedAt?.milliseconds,
                lease.lostAnswers, lease.failures, lease.retryAt?.boot, lease.retryAt?.milliseconds,
            ]
        )
    }

    private static func time(_ row: Row, _ name: String) -> LeaseTime? {
        guard let boot: String = row["\(name)_boot"], let milliseconds: Int64 = row["\(name)_ms"] else {
            return nil
        }
        return LeaseTime(boot: boot, milliseconds: milliseconds)
    }
}
