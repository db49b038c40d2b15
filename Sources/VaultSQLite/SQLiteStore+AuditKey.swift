import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func chainingAudit(sealer: CredentialSealer, live: any VaultInstance) async throws -> SQLiteStore {
        let present = try await self.auditKey(sealer: sealer)
        let key = if let present { present.key } else { try await self.makeAuditKey(sealer: sealer, live: live) }
        var store = self
        store.chain = AuditChain(key: key, live: live)
        return store
    }

    /// The key of the audit and the first entry that is chained with it; nil as long as none is.
    package func auditKey(sealer: CredentialSealer) async throws -> (key: AuditKey, firstID: Int64)? {
        guard let sealed = try await self.read({ try SealedAuditKey.fetch(in: $0) }) else { return nil }
        return (try await sealer.open { try sealed.open(with: $0) }, sealed.firstID)
    }

    package func lostAuditKey() async throws -> AuditFinding? {
        try await self.read { db in
            guard let chainedAfter = try Self.chainedAfter(in: db) else { return nil }
            let present = try SealedAuditKey.fetch(in: db)
            return present?.firstID == chainedAfter &+ 1 ? nil : .keyLost(id: present?.firstID)
        }
    }

    private static func chainedAfter(in db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT chained_after FROM store")
    }

    private func makeAuditKey(sealer: CredentialSealer, live: any VaultInstance) async throws -> AuditKey {
        try await self.write(sealing: sealer, withLittleRoom: true) { [now = self.timestamp] db, keys in
            // Another process may have been faster.
            if let present = try SealedAuditKey.fetch(in: db) { return try present.open(with: keys) }
            let key = AuditKey()
            let version = try Self.nextVersion(in: db)
            let firstID = try Self.lastAuditID(in: db) + 1
            let sealed = try keys.seal(key.bytes, as: AuditKey.field(version: version, firstID: firstID))
            try db.execute(
                sql: "INSERT INTO audit_key (id, version, kid, sealed, first_id) VALUES (1, ?, ?, ?, ?)",
                arguments: [version, keys.currentKeyID, sealed.combined, firstID]
            )
            guard try Self.chainedAfter(in: db) != nil else {
                try db.execute(sql: "UPDATE store SET chained_after = ?", arguments: [firstID - 1])
                return key
            }
            // No first entry follows that one, whatever became of the numbers.
            try db.execute(sql: "UPDATE store SET chained_after = -1")
            var store = self
            store.chain = AuditChain(key: key, live: live)
            let entry = AuditEntry(
                principal: Principal(tenantID: "local", objectID: "vault"),
                action: .makeAuditKey,
                outcome: .damaged,
                detail: AuditFinding.keyLost(id: firstID).sentence
            )
            try store.append([entry], at: now, in: db)
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
