package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// Adds a row to the audit; it is on the disk when this returns.
    ///
    /// - Returns: False when half of the pages that are kept free for it are gone.
    @discardableResult
    package func append(_ entry: AuditEntry) async throws -> Bool {
        try await self.writeWithLittleRoom { [now = self.timestamp] db in
            try Self.append(entry, at: now, in: db)
            return try Self.freePages(in: db) >= Self.reservedPages / 2
        }
    }

    static func append(_ entry: AuditEntry, at now: Int64, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO audit (at, tenant_id, object_id, action, service, token, outcome, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                now, entry.principal.tenantID, entry.principal.objectID, entry.action.rawValue,
                Self.cut(entry.service), Self.cut(entry.token),
                entry.outcome.rawValue, entry.detail,
            ]
        )
    }

    /// The beginning of a name; a character may be made of any number of scalars.
    private static func cut(_ name: String) -> String {
        String(name.unicodeScalars.prefix(AuditEntry.maxNameLength))
    }

    /// When somebody last asked for a token; nil when nobody has.
    package func lastAuditTime() async throws -> Date? {
        try await self.read { db in
            try Int64.fetchOne(db, sql: "SELECT at FROM audit WHERE action <> 'pruneAudit' ORDER BY id DESC LIMIT 1")
        }.map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    /// Hands the rows of the audit to the body, the oldest first: all of them, or those from before a time.
    package func readAudit(before date: Date?, _ body: (AuditRow) throws -> Void) async throws {
        let limit = date.map { Int64($0.timeIntervalSince1970) } ?? .max
        var position: Int64 = 0
        while true {
            // A reader that waits for whoever reads its output must not keep the store from emptying its log meanwhile.
            let rows = try await self.read { [position] db in
                try AuditRow.fetchAll(
                    db,
                    sql: """
                        SELECT id, at, tenant_id AS tenantID, object_id AS objectID, action, service, token, outcome, detail
                        FROM audit WHERE id > ? AND at < ? ORDER BY id LIMIT 1000
                        """,
                    arguments: [position, limit]
                )
            }
            guard let last = rows.last else { return }
            try rows.forEach(body)
            position = last.id
        }
    }
}

extension AuditRow: FetchableRecord {}
