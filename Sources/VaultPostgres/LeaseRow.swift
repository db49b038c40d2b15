import Foundation
import VaultCore

/// The row of a ``RenewalLease``, as this machine reads it.
///
/// Times are on the clock of the machine that wrote them. Those of another one are translated: the end of a lease by watching it
/// (``LeaseWatch``), the end of a pause by the database's clock, on which nothing hangs but a request too early.
struct LeaseRow {
    static let columns = """
        renewal.owner AS lease_owner, renewal.epoch, renewal.until_boot, renewal.until_ms, renewal.lease_ms,
        renewal.phase, renewal.version AS lease_version, renewal.presented_digest, renewal.armed_boot, renewal.armed_ms,
        renewal.lost_answers, renewal.failures, renewal.retry_boot, renewal.retry_ms, renewal.retry_on,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS database_ms
        """

    static let join = "LEFT JOIN renewal ON renewal.token_id = token.id"

    /// No provider puts anybody off for longer, so that a clock that was set back does not either.
    static let longestPause: Int64 = 3_601_000

    /// Of a lease whose length nobody wrote down: longer than any that a vault takes.
    private static let unknownLength: Int64 = 60_000

    /// Nothing is put off for longer: a million seconds.
    private static let longestLength: Int64 = 1_000_000_000

    let lease: RenewalLease
    private let token: Int64
    private let now: LeaseTime
    private let databaseTime: Int64
    /// As they are stored.
    private let until: (time: LeaseTime?, length: Int64?)
    private let retry: (time: LeaseTime?, on: Int64?)

    /// Reads a row that has ``columns``; a token without a lease has never been renewed.
    init(_ row: PostgresRow, token: Int64, now: LeaseTime, watch: LeaseWatch) throws {
        self.token = token
        self.now = now
        self.databaseTime = try row["database_ms"]
        guard let epoch = try row["epoch"] as Int64? else {
            self.lease = RenewalLease()
            (self.until, self.retry) = ((nil, nil), (nil, nil))
            return
        }
        let owner = try row["lease_owner"] as String?
        self.until = (try Self.time(row, "until"), try row["lease_ms"])
        self.retry = (try Self.time(row, "retry"), try row["retry_on"])
        var until = self.until.time
        if let owner, let end = until, end.boot != now.boot {
            let length = self.until.length ?? Self.unknownLength
            until = watch.end(ofLease: epoch, owner: owner, token: token, length: length, now: now)
        } else {
            watch.forget(token: token)
        }
        var retryAt = self.retry.time
        if let on = self.retry.on, retryAt?.boot != now.boot {
            let (rest, isAbsurd) = on.subtractingReportingOverflow(self.databaseTime)
            let isAhead = !isAbsurd && (1...Self.longestPause).contains(rest)
            retryAt = isAhead ? now.advanced(by: .milliseconds(rest)) : nil
        }
        self.lease = RenewalLease(
            owner: owner,
            epoch: epoch,
            until: until,
            phase: RenewalLease.Phase(stored: try row["phase"]),
            version: try row["lease_version"],
            presentedDigest: try row["presented_digest"],
            armedAt: try Self.time(row, "armed"),
            lostAnswers: try row["lost_answers"],
            failures: try row["failures"],
            retryAt: retryAt
        )
    }

    private static func time(_ row: PostgresRow, _ name: String) throws -> LeaseTime? {
        guard let boot = try row["\(name)_boot"] as String?, let milliseconds = try row["\(name)_ms"] as Int64? else {
            return nil
        }
        return LeaseTime(boot: boot, milliseconds: milliseconds)
    }

    /// Writes what became of the lease; what was not changed stays as another machine wrote it.
    func store(_ lease: RenewalLease, in db: PostgresTransaction) throws {
        let until =
            lease.until == self.lease.until ? self.until : (lease.until, lease.until.flatMap { self.length(to: $0) })
        let retry =
            lease.retryAt == self.lease.retryAt
            ? self.retry
            : (lease.retryAt, lease.retryAt.flatMap { self.length(to: $0) }.map { self.databaseTime + $0 })
        try db.execute(
            """
            INSERT INTO renewal (
                token_id, owner, epoch, until_boot, until_ms, lease_ms, phase, version, presented_digest, armed_boot,
                armed_ms, lost_answers, failures, retry_boot, retry_ms, retry_on
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            ON CONFLICT (token_id) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch,
                until_boot = excluded.until_boot, until_ms = excluded.until_ms, lease_ms = excluded.lease_ms,
                phase = excluded.phase, version = excluded.version, presented_digest = excluded.presented_digest,
                armed_boot = excluded.armed_boot, armed_ms = excluded.armed_ms,
                lost_answers = excluded.lost_answers, failures = excluded.failures,
                retry_boot = excluded.retry_boot, retry_ms = excluded.retry_ms, retry_on = excluded.retry_on
            """,
            [
                self.token, lease.owner, lease.epoch, until.0?.boot, until.0?.milliseconds, until.1,
                lease.phase.rawValue, lease.version, lease.presentedDigest, lease.armedAt?.boot,
                lease.armedAt?.milliseconds, lease.lostAnswers, lease.failures, retry.0?.boot, retry.0?.milliseconds,
                retry.1,
            ]
        )
    }

    /// Milliseconds from when the row was read; nil for a time of another clock.
    private func length(to time: LeaseTime) -> Int64? {
        guard time.boot == self.now.boot else { return nil }
        let (length, isAbsurd) = time.milliseconds.subtractingReportingOverflow(self.now.milliseconds)
        return isAbsurd ? nil : min(max(length, -Self.longestLength), Self.longestLength)
    }
}
