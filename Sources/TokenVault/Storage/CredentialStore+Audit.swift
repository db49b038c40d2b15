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
                String(entry.service.prefix(Self.maxNameLength)), String(entry.token.prefix(Self.maxNameLength)),
                entry.outcome.rawValue, entry.detail,
            ]
        )
    }

    /// When somebody last asked for a token; nil when nobody has.
    func lastAuditTime() async throws -> Date? {
        try await self.pool.read { db in
            try Int64.fetchOne(db, sql: "SELECT at FROM audit WHERE action <> 'pruneAudit' ORDER BY id DESC LIMIT 1")
        }.map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    /// Hands the rows of the audit to the body, the oldest first: all of them, or those from before a time.
    func readAudit(before date: Date?, _ body: @escaping @Sendable (AuditRow) -> Void) async throws {
        let limit = date.map { Int64($0.timeIntervalSince1970) } ?? .max
        try await self.pool.read { db in
            let rows = try AuditRow.fetchCursor(
                db,
                sql: """
                    SELECT at, tenant_id AS tenantID, object_id AS objectID, action, service, token, outcome, detail
                    FROM audit WHERE at < ? ORDER BY id
                    """,
                arguments: [limit]
            )
            while let row = try rows.next() {
                body(row)
            }
        }
    }
}
