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
        let statement = try PreparedStatement(
            """
            INSERT INTO audit (
                id, at, tenant_id, object_id, action, service, token, outcome, detail, request, chain, seq, mac
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            in: db
        )
        var id = try Self.lastAuditID(in: db)
        var end = try self.chain?.end(in: db)
        for entry in entries {
            id += 1
            let texts = [
                entry.principal.tenantID, entry.principal.objectID, entry.action.rawValue,
                Self.cut(entry.service), Self.cut(entry.token), entry.outcome.rawValue, entry.detail,
            ].map(Self.storable)
            let request = entry.request?.bytes
            if let chain = self.chain, let previous = end {
                var content = AuditContent(id: id, at: now)
                for text in texts { content.append(text: text.utf8) }
                content.append(text: request ?? Data())
                let sequence = try previous.nextSequence()
                let mac = chain.key.mac(
                    of: content,
                    chain: previous.chain,
                    sequence: sequence,
                    after: previous.mac
                )
                end = AuditLink.Place(chain: previous.chain, sequence: sequence, mac: mac)
            }
            try statement.run { arguments in
                try arguments.set(1, id)
                try arguments.set(2, now)
                for (index, text) in texts.enumerated() { try arguments.set(3 + index, text) }
                if let request { try arguments.set(10, request) }
                if let end {
                    try arguments.set(11, end.chain)
                    try arguments.set(12, end.sequence)
                    try arguments.set(13, end.mac.data)
                }
            }
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
        // Bytes are at least as many as scalars.
        guard name.utf8.count > AuditEntry.maxNameLength else { return name }
        return String(name.unicodeScalars.prefix(AuditEntry.maxNameLength))
    }

    package func lastCallerTime() async throws -> Date? {
        try await self.read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT at FROM audit WHERE tenant_id NOT IN ('local', 'others') OR action = 'acceptClock'
                    ORDER BY id DESC LIMIT 1
                    """
            )
        }.map(Self.date)
    }

    package func auditGap(around date: Date, end: Date) async throws -> AuditGap? {
        let limit = Int64(date.timeIntervalSince1970)
        let (before, after) = try await self.read { db in
            let before = "SELECT max(at) FROM audit WHERE at < ? AND action <> 'pruneAudit'"
            let after = "SELECT min(at) FROM audit WHERE at >= ? AND action <> 'pruneAudit'"
            return (
                try Int64.fetchOne(db, sql: before, arguments: [limit]),
                try Int64.fetchOne(db, sql: after, arguments: [limit])
            )
        }
        return before.map { AuditGap(begin: Self.date($0), end: after.map(Self.date) ?? end) }
    }

    private static func date(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: TimeInterval(seconds)) }

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
