import Foundation
package import VaultCore

extension PostgresStore {
    /// The same store, which chains what it writes into the audit; the first time, the key for that is made.
    ///
    /// Where there was one that is gone, the audit says so.
    ///
    /// - Throws: ``StoreError``; ``SealerError/damaged`` when the key does not open.
    package func chainingAudit(sealer: CredentialSealer, live: any VaultInstance) async throws -> PostgresStore {
        let present = try await self.auditKey(sealer: sealer)
        let key = if let present { present.key } else { try await self.makeAuditKey(sealer: sealer, live: live) }
        var store = self
        store.chain = AuditChain(key: key, live: live)
        return store
    }

    /// The key of the audit and the first entry that is chained with it; nil as long as none is.
    func auditKey(sealer: CredentialSealer) async throws -> (key: AuditKey, firstID: Int64)? {
        guard let sealed = try await self.database.query({ try SealedAuditKey.fetch(in: $0) }) else { return nil }
        return (try await sealer.open { try sealed.open(with: $0) }, sealed.firstID)
    }

    /// Whether the key with which the audit was chained first was taken away, and how the next one begins.
    package func lostAuditKey() async throws -> AuditFinding? {
        try await self.database.read { db in
            guard let chainedAfter = try Self.chainedAfter(in: db) else { return nil }
            let present = try SealedAuditKey.fetch(in: db)
            return present?.firstID == chainedAfter &+ 1 ? nil : .keyLost(id: present?.firstID)
        }
    }

    private static func chainedAfter(in db: PostgresTransaction) throws -> Int64? {
        try db.value("SELECT chained_after AS value FROM store")
    }

    private func makeAuditKey(sealer: CredentialSealer, live: any VaultInstance) async throws -> AuditKey {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            // Whoever writes an entry that is not chained has done so, or finds the key.
            try db.execute("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE")
            // Another process may have been faster.
            if let present = try SealedAuditKey.fetch(in: db) { return try present.open(with: keys) }
            let key = AuditKey()
            let version = try Self.nextVersion(in: db)
            let firstID: Int64 = try db.value("SELECT nextval('audit_number') AS value") ?? 1
            let sealed = try keys.seal(key.bytes, as: AuditKey.field(version: version, firstID: firstID))
            try db.execute(
                "INSERT INTO audit_key (id, version, kid, sealed, first_id) VALUES (1, $1, $2, $3, $4)",
                [version, keys.currentKeyID, sealed.combined, firstID]
            )
            guard try Self.chainedAfter(in: db) != nil else {
                try db.execute("UPDATE store SET chained_after = $1", [firstID - 1])
                return key
            }
            // No first entry follows that one, whatever became of the numbers.
            try db.execute("UPDATE store SET chained_after = -1")
            var store = self
            store.chain = AuditChain(key: key, live: live)
            let entry = AuditEntry(
                principal: .vault,
                action: .makeAuditKey,
                outcome: .damaged,
                detail: AuditFinding.keyLost(id: firstID).sentence
            )
            try store.append([entry], at: now, in: db)
            return key
        }
    }

    package func fingerprint(of accessToken: String) -> String? {
        self.chain?.key.fingerprint(of: accessToken)
    }
}
