package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// Adds rows to the audit in one transaction; they are on the disk when this returns.
    ///
    /// - Returns: False when half of the pages that are kept free for it are gone.
    @discardableResult
    package func append(_ entries: [AuditEntry]) async throws -> Bool {
        try await self.writeWithLittleRoom { [now = self.timestamp] db in
            try self.append(entries, at: now, in: db)
            return try Self.freePages(in: db) >= Self.reservedPages / 2
        }
    }

    func append(_ entries: [AuditEntry], at now: Int64, in db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO audit (
                    id, at, tenant_id, object_id, action, service, token, outcome, detail, request, chain, seq, mac
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        var id = try Self.lastAuditID(in: db)
        var end = try self.chain?.end(in: db)
        for entry in entries {
            id += 1
            let texts = [
                entry.principal.tenantID, entry.principal.objectID, entry.action.rawValue,
                Self.cut(entry.service), Self.cut(entry.token), entry.outcome.rawValue, entry.detail,
            ].map(Self.storable)
            if let chain = self.chain, let previous = end {
                var content = AuditContent(id: id, at: now)
                for text in texts { content.append(text: text.utf8) }
                content.append(text: entry.request?.bytes ?? Data())
                let sequence = previous.sequence + 1
                let mac = chain.key.mac(
                    of: content,
                    chain: previous.chain,
                    sequence: sequence,
                    after: previous.mac
                )
                end = AuditLink.Place(chain: previous.chain, sequence: sequence, mac: mac)
            }
            try statement.execute(
                arguments: [id, now] + StatementArguments(texts)
                    + [entry.request?.bytes, end?.chain, end?.sequence, end?.mac.data]
            )
        }
        if let end { try self.chain?.setEnd(end, in: db) }
    }

    /// A text as the database gives it back, which ends one at its first zero byte: what a caller made up must not look like
    /// something that was changed later.
    private static func storable(_ text: String) -> String {
        text.utf8.contains(0) ? text.replacing("\0", with: "\u{fffd}") : text
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
                        SELECT id, at, tenant_id AS tenantID, object_id AS objectID, action, service, token, outcome, detail,
                            coalesce(lower(hex(request)), '') AS request
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
