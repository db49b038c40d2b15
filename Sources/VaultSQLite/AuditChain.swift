import Foundation
import GRDB
import Locking
import VaultCore

/// Chains the entries that one process writes into the audit.
///
/// The end of its chain is read in the transaction that adds to it, so that what is rolled back leaves nothing behind.
final class AuditChain: Sendable {
    let key: AuditKey
    private let live: any VaultInstance
    private let number = Mutex<Int64?>(nil)

    init(key: AuditKey, live: any VaultInstance) {
        self.key = key
        self.live = live
    }

    /// The end of this process's chain; a chain whose process is gone is continued, or else one is begun.
    func end(in db: Database) throws -> AuditLink.Place {
        let own = self.number.withLock { $0 }
        if let own {
            let sql = "SELECT id, seq, mac FROM audit_chain WHERE id = ? AND owner = ?"
            let statement = try db.cachedStatement(sql: sql)
            if let row = try Row.fetchOne(statement, arguments: [own, self.live.owner]) {
                return try AuditLink.Place(row)
            }
        }
        let chains = try Row.fetchAll(db, sql: "SELECT id, seq, mac, owner FROM audit_chain ORDER BY id")
        let end: AuditLink.Place
        if let free = chains.first(where: { !self.live.isAlive($0["owner"]) || $0["owner"] == self.live.owner }) {
            end = try AuditLink.Place(free)
            try db.execute(
                sql: "UPDATE audit_chain SET owner = ? WHERE id = ?",
                arguments: [self.live.owner, end.chain]
            )
        } else {
            let last = chains.last.map { $0["id"] as Int64 } ?? 0
            end = AuditLink.Place(chain: try AuditLink.Place.number(after: last), sequence: 0, mac: .start)
            try db.execute(
                sql: "INSERT INTO audit_chain (id, owner, seq, mac) VALUES (?, ?, 0, ?)",
                arguments: [end.chain, self.live.owner, end.mac.data]
            )
        }
        self.number.withLock { $0 = end.chain }
        return end
    }

    func setEnd(_ end: AuditLink.Place, in db: Database) throws {
        let statement = try db.cachedStatement(sql: "UPDATE audit_chain SET seq = ?, mac = ? WHERE id = ?")
        try statement.execute(arguments: [end.sequence, end.mac.data, end.chain])
    }
}

extension AuditLink.Place {
    /// A row of `audit_chain`.
    init(_ row: Row) throws {
        guard let mac = AuditMAC(row["mac"] as Data) else { throw SealerError.damaged }
        self.init(chain: row["id"], sequence: row["seq"], mac: mac)
    }
}
