import Foundation
import GRDB

extension CredentialStore {
    /// Longest name that is written into the audit; no service or token has a longer one.
    static let maxNameLength = 128

    /// Adds a row to the audit; it is on the disk when this returns.
    ///
    /// - Returns: How many free pages the database file has left.
    @discardableResult
    func append(_ entry: AuditEntry) async throws -> Int {
        try await self.writeWithLittleRoom { [now = self.timestamp] db in
            try Self.append(entry, at: now, in: db)
            return try Self.freePages(in: db)
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
        String(name.unicodeScalars.prefix(Self.maxNameLength))
    }

    /// When somebody last asked for a token; nil when nobody has.
    func lastAuditTime() async throws -> Date? {
        try await self.pool.read { db in
            try Int64.fetchOne(db, sql: "SELECT at FROM audit WHERE action <> 'pruneAudit' ORDER BY id DESC LIMIT 1")
        }.map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    /// Hands the rows of the audit to the body, the oldest first: all of them, or those from before a time.
    func readAudit(before date: Date?, _ body: (AuditRow) -> Void) async throws {
        let limit = date.map { Int64($0.timeIntervalSince1970) } ?? .max
        var position: Int64 = 0
        while true {
            // A reader that waits for whoever reads its output must not keep the store from emptying its log meanwhile.
            let rows = try await self.pool.read { [position] db in
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
            rows.forEach(body)
            position = last.id
        }
    }
}
