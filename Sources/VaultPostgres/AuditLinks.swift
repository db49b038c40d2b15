import Foundation
import VaultCore

/// Reads the entries of the audit as links of their chains.
enum AuditLinks {
    private static let texts = [
        "tenant_id", "object_id", "action", "service", "token", "outcome", "detail", "request",
    ]

    private static let statement = """
        SELECT id, at, chain, seq, mac, \(Self.texts.joined(separator: ", "))
        FROM audit WHERE id > $1 ORDER BY id LIMIT $2
        """

    private static let note = Data(AuditEntry.Action.pruneAudit.rawValue.utf8)

    struct Entry {
        let link: AuditLink
        /// When it was written, in seconds since 1970.
        let at: Int64
        /// Whether it tells of pruning.
        let isNote: Bool
    }

    /// The next entries behind one.
    static func fetch(after position: Int64, limit: Int, in db: PostgresTransaction) throws -> [Entry] {
        try db.rows(self.statement, [position, limit]).map { row in
            let (id, at): (Int64, Int64) = (try row["id"], try row["at"])
            var content = AuditContent(id: id, at: at)
            for text in self.texts { content.append(text: try row[text] as Data? ?? Data()) }
            return Entry(
                link: AuditLink(id: id, place: try self.place(row), content: content),
                at: at,
                isNote: try row["action"] == self.note
            )
        }
    }

    private static func place(_ row: PostgresRow) throws -> AuditLink.Place? {
        guard let chain = try row["chain"] as Int64?, let sequence = try row["seq"] as Int64?,
            let mac = try row["mac"] as Data?
        else { return nil }
        // What is no code is not that of the entry.
        return AuditLink.Place(chain: chain, sequence: sequence, mac: AuditMAC(mac) ?? .start)
    }
}
