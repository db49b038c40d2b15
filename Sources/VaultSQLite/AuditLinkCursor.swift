import Foundation
import GRDB
import VaultCore

/// Reads the entries of the audit as links of their chains, without making strings of what they say.
struct AuditLinkCursor {
    private static let texts = ["tenant_id", "object_id", "action", "service", "token", "outcome", "detail", "request"]

    private static let note = Array(AuditEntry.Action.pruneAudit.rawValue.utf8)

    private let rows: RowCursor

    init(after position: Int64, limit: Int, in db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, at, chain, seq, mac, \(Self.texts.joined(separator: ", "))
                FROM audit WHERE id > ? ORDER BY id LIMIT ?
                """
        )
        self.rows = try Row.fetchCursor(statement, arguments: [position, limit])
    }

    func next() throws -> AuditLink? { try self.nextRow()?.link }

    /// The next entry, when it was written, and whether it tells of pruning.
    func nextRow() throws -> (link: AuditLink, at: Int64, isNote: Bool)? {
        guard let row = try self.rows.next() else { return nil }
        let (id, at): (Int64, Int64) = (row[0], row[1])
        var content = AuditContent(id: id, at: at)
        var isNote = false
        for index in Self.texts.indices {
            try row.withUnsafeData(atIndex: index + 5) { text in
                (text ?? Data()).withUnsafeBytes { content.append(text: $0) }
                // Most are told by their lengths.
                if index == 2, let text, text.count == Self.note.count { isNote = text.elementsEqual(Self.note) }
            }
        }
        return (AuditLink(id: id, place: try self.place(row), content: content), at, isNote)
    }

    private func place(_ row: Row) throws -> AuditLink.Place? {
        let mac = try row.withUnsafeData(atIndex: 4) { bytes in
            // What is no code is not that of the entry.
            bytes.map { $0.withUnsafeBytes { $0.count == AuditMAC.size ? AuditMAC(prefixOf: $0) : nil } ?? .start }
        }
        guard let chain: Int64 = row[2], let sequence: Int64 = row[3], let mac else { return nil }
        return AuditLink.Place(chain: chain, sequence: sequence, mac: mac)
    }
}
