import Foundation
import VaultCore

/// The row of `audit_key`.
struct SealedAuditKey: Sendable {
    /// The first entry that is chained.
    let firstID: Int64
    private let version: Int64
    private let keyID: String
    private let sealed: SealedValue

    init(_ row: PostgresRow) throws {
        self.firstID = try row["first_id"]
        self.version = try row["version"]
        self.keyID = try row["kid"]
        self.sealed = SealedValue(column: try row["sealed"])
    }

    static func fetch(in db: PostgresTransaction) throws -> SealedAuditKey? {
        try db.row("SELECT * FROM audit_key").map(SealedAuditKey.init)
    }

    /// The place that it is sealed for.
    var field: SealedField { AuditKey.field(version: self.version, firstID: self.firstID) }

    func open(with keys: DataKeys) throws -> AuditKey {
        try AuditKey(bytes: keys.openBytes(self.sealed, keyID: self.keyID, as: self.field))
    }
}
