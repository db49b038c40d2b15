import Foundation
import Locking
import VaultCore

/// Chains the entries that one process writes into the audit.
///
/// The end of its chain is locked and read in the transaction that adds to it, so that what is rolled back leaves nothing behind. Each
/// process has a chain of its own: none waits for another.
final class AuditChain: Sendable {
    let key: AuditKey
    private let live: any VaultInstance
    private let number = Mutex<Int64?>(nil)

    /// Seconds after which a chain is taken over that nobody has added to; whoever did finds that out, and takes another.
    private static let rest: Int64 = 600

    init(key: AuditKey, live: any VaultInstance) {
        self.key = key
        self.live = live
    }

    /// The end of this process's chain; one that nobody uses any more is continued, or else one is begun.
    func end(in db: PostgresTransaction) throws -> AuditLink.Place {
        if let own = self.number.withLock({ $0 }), let end = try self.take(own, of: self.live.owner, in: db) {
            return end
        }
        let chains = try db.rows(
            "SELECT id, owner, used_at < \(Self.now) - \(Self.rest) AS is_idle FROM audit_chain ORDER BY id"
        )
        for chain in chains {
            let owner = try chain["owner"] as String
            let isIdle = try chain["is_idle"] as Bool
            guard isIdle || owner == self.live.owner || !self.live.isAlive(owner) else { continue }
            if let end = try self.take(try chain["id"], of: owner, in: db) { return end }
        }
        return try self.begin(in: db)
    }

    private static let now = "extract(epoch FROM clock_timestamp())::bigint"

    /// Locks a chain, and makes it this process's; nil when it is not that owner's any more, or others use it just now.
    private func take(_ id: Int64, of owner: String, in db: PostgresTransaction) throws -> AuditLink.Place? {
        let waits = owner == self.live.owner ? "" : "SKIP LOCKED"
        let row = try db.row(
            "SELECT id, seq, mac FROM audit_chain WHERE id = $1 AND owner = $2 FOR NO KEY UPDATE \(waits)",
            [id, owner]
        )
        guard let row else { return nil }
        let end = try AuditLink.Place(row)
        if owner != self.live.owner {
            try db.execute("UPDATE audit_chain SET owner = $1 WHERE id = $2", [self.live.owner, id])
        }
        self.number.withLock { $0 = id }
        return end
    }

    private func begin(in db: PostgresTransaction) throws -> AuditLink.Place {
        // One that begins at a time: chains are numbered without gaps. Whoever has a chain needs no lock but that of its row.
        try db.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext('audit_chain'))")
        let own: Int64? = try db.value("SELECT id AS value FROM audit_chain WHERE owner = $1", [self.live.owner])
        // Another transaction of this process was faster.
        if let own, let end = try self.take(own, of: self.live.owner, in: db) { return end }
        let last: Int64 = try db.value("SELECT max(id) AS value FROM audit_chain") ?? 0
        let end = AuditLink.Place(chain: try AuditLink.Place.number(after: last), sequence: 0, mac: .start)
        try db.execute(
            "INSERT INTO audit_chain (id, owner, seq, mac, used_at) VALUES ($1, $2, 0, $3, \(Self.now))",
            [end.chain, self.live.owner, end.mac.data]
        )
        self.number.withLock { $0 = end.chain }
        return end
    }

    func setEnd(_ end: AuditLink.Place, in db: PostgresTransaction) throws {
        try db.execute(
            "UPDATE audit_chain SET seq = $1, mac = $2, used_at = \(Self.now) WHERE id = $3",
            [end.sequence, end.mac.data, end.chain]
        )
    }
}

extension AuditLink.Place {
    /// A row of `audit_chain`.
    fileprivate init(_ row: PostgresRow) throws {
        guard let mac = AuditMAC(try row["mac"] as Data) else { throw SealerError.damaged }
        self.init(chain: try row["id"], sequence: try row["seq"], mac: mac)
    }
}
