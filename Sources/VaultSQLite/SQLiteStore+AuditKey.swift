import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// The same store, which chains what it writes into the audit; the first time, the key for that is made.
    ///
    /// - Throws: ``StoreError``; ``SealerError/damaged`` when the key does not open.
    package func chainingAudit(sealer: CredentialSealer, live: LivenessFile) async throws -> SQLiteStore {
        let present = try await self.auditKey(sealer: sealer)
        let key = if let present { present.key } else { try await self.makeAuditKey(sealer: sealer) }
        var store = self
        store.chain = AuditChain(key: key, live: live)
        return store
    }

    /// The key of the audit and the first entry that is chained with it; nil as long as none is.
    package func auditKey(sealer: CredentialSealer) async throws -> (key: AuditKey, firstID: Int64)? {
        try await self.read { try Self.auditKey(sealer: sealer, in: $0) }
    }

    private static func auditKey(sealer: CredentialSealer, in db: Database) throws -> (key: AuditKey, firstID: Int64)? {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM audit_key") else { return nil }
        let firstID: Int64 = row["first_id"]
        let field = AuditKey.field(version: row["version"], firstID: firstID)
        let bytes = try sealer.openBytes(SealedValue(column: row["sealed"]), keyID: row["kid"], as: field)
        return (try AuditKey(bytes: bytes), firstID)
    }

    private func makeAuditKey(sealer: CredentialSealer) async throws -> AuditKey {
        try await self.writeWithLittleRoom { db in
            // Another process may have been faster.
            if let present = try Self.auditKey(sealer: sealer, in: db) { return present.key }
            let key = AuditKey()
            let version = try Self.nextVersion(in: db)
            let firstID = try Self.lastAuditID(in: db) + 1
            let sealed = try sealer.seal(key.bytes, as: AuditKey.field(version: version, firstID: firstID))
            try db.execute(
                sql: "INSERT INTO audit_key (id, version, kid, sealed, first_id) VALUES (1, ?, ?, ?, ?)",
                arguments: [version, sealer.currentKeyID, sealed.combined, firstID]
            )
            return key
        }
    }

    /// The last id that an entry was given.
    static func lastAuditID(in db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
        let last = try Int64.fetchOne(statement) ?? 0
        guard last < .max / 2 else {
            throw StoreError(.failed, "The numbers of the audit's entries are used up: the database was tampered with.")
        }
        return last
    }

    package func fingerprint(of accessToken: String) -> String? {
        self.chain?.key.fingerprint(of: accessToken)
    }
}
