import GRDB
import VaultCore

/// The row of `audit_key`.
struct SealedAuditKey: Sendable {
    /// The first entry that is chained.
    let firstID: Int64
    private let version: Int64
    private let keyID: String
    private let sealed: SealedValue

    init(row: Row) {
        self.firstID = row["first_id"]
        self.version = row["version"]
        self.keyID = row["kid"]
        self.sealed = SealedValue(column: row["sealed"])
    }

    static func fetch(in db: Database) throws -> SealedAuditKey? {
        try Row.fetchOne(db, sql: "SELECT * FROM audit_key").map(SealedAuditKey.init)
    }

    /// The place that it is sealed for.
    var field: SealedField { AuditKey.field(version: self.version, firstID: self.firstID) }

    func open(with keys: DataKeys) throws -> AuditKey {
        try AuditKey(bytes: keys.openBytes(self.sealed, keyID: self.keyID, as: self.field))
    }
}
