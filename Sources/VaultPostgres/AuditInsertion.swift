import Foundation
import VaultCore

/// A row on its way into the audit: many go as one JSON document, in one statement.
struct AuditInsertion: Encodable {
    let id: Int64
    let at: Int64
    let tenantID: String
    let objectID: String
    let action: String
    let service: String
    let token: String
    let outcome: String
    let detail: String
    let request: String?
    private(set) var chain: Int64?
    private(set) var sequence: Int64?
    private(set) var mac: String?
    /// What is authenticated.
    let content: AuditContent

    private enum CodingKeys: String, CodingKey {
        case id, at, action, service, token, outcome, detail, request, chain, mac
        case tenantID = "tenant_id"
        case objectID = "object_id"
        case sequence = "seq"
    }

    static let statement = """
        INSERT INTO audit (
            id, at, tenant_id, object_id, action, service, token, outcome, detail, request, chain, seq, mac
        )
        SELECT id, at, tenant_id, object_id, action, service, token, outcome, detail, decode(request, 'hex'), chain, seq,
            decode(mac, 'hex')
        FROM json_to_recordset($1::json) AS entry (
            id bigint, at bigint, tenant_id text, object_id text, action text, service text, token text, outcome text,
            detail text, request text, chain bigint, seq bigint, mac text
        )
        """

    init(_ entry: AuditEntry, id: Int64, at: Int64) {
        let texts = [
            entry.principal.tenantID, entry.principal.objectID, entry.action.rawValue,
            Self.cut(entry.service), Self.cut(entry.token), entry.outcome.rawValue, entry.detail,
        ].map(Self.storable)
        (self.id, self.at) = (id, at)
        (self.tenantID, self.objectID, self.action) = (texts[0], texts[1], texts[2])
        (self.service, self.token, self.outcome, self.detail) = (texts[3], texts[4], texts[5], texts[6])
        let request = entry.request?.bytes
        self.request = request.map { $0.map { String(format: "%02x", $0) }.joined() }
        var content = AuditContent(id: id, at: at)
        for text in texts { content.append(text: text.utf8) }
        content.append(text: request ?? Data())
        self.content = content
    }

    func at(_ place: AuditLink.Place) -> AuditInsertion {
        var row = self
        (row.chain, row.sequence, row.mac) = (place.chain, place.sequence, place.mac.hexadecimal)
        return row
    }

    /// A text as the database keeps it, which takes no zero byte: what a caller made up must not look like something that was
    /// changed later.
    private static func storable(_ text: String) -> String {
        text.utf8.contains(0) ? text.replacing("\0", with: "\u{fffd}") : text
    }

    /// The beginning of a name; a character may be made of any number of scalars.
    private static func cut(_ name: String) -> String {
        String(name.unicodeScalars.prefix(AuditEntry.maxNameLength))
    }
}
