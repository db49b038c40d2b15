import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// A credential has four sealed values, with its counter; nothing else that is given a number has more.
    private static let sealsPerVersion: Int64 = 4

    package func dataKeyUsage() async throws -> [DataKeyUsage] {
        try await self.read { db in
            var values: [String: Int] = [:]
            for table in SealedTable.all {
                let present = table.columns.map { "(\($0) IS NOT NULL)" }.joined(separator: " + ")
                let sql = """
                    SELECT \(table.keyColumn) AS kid, sum(\(present)) AS count FROM \(table.name)
                    WHERE \(table.keyColumn) IS NOT NULL GROUP BY 1
                    """
                for row in try Row.fetchAll(db, sql: sql) {
                    values[row["kid"], default: 0] += row["count"] as Int
                }
            }
            let last = try Int64.fetchOne(db, sql: "SELECT last_version FROM store") ?? 0
            let keys = try Row.fetchAll(db, sql: "SELECT kid, first_version, created_at FROM dek ORDER BY id")
            let ends = keys.dropFirst().map { $0["first_version"] as Int64 } + [last]
            return zip(keys, ends).map { key, end in
                DataKeyUsage(
                    keyID: key["kid"],
                    createdOn: Date(timeIntervalSince1970: TimeInterval(key["created_at"] as Int64)),
                    values: values[key["kid"]] ?? 0,
                    seals: max(end - (key["first_version"] as Int64), 0)
                        .multipliedReportingOverflow(by: Self.sealsPerVersion).partialValue
                )
            }
        }
    }

    package func addDataKey(
        _ key: DataKeyRecord,
        after newest: String,
        keyEncryptionKey: KeyEncryptionKey,
        entry: AuditEntry
    ) async throws -> Bool {
        try await self.write { [now = self.timestamp] db in
            guard let store = try StoreRecord.fetchOne(db, sql: "SELECT * FROM store") else {
                throw SealerError.damaged
            }
            // In the same transaction: a key that nobody could unwrap would take everything that is sealed with it along.
            try DataKeys.check(store, keyEncryptionKey: keyEncryptionKey)
            guard try Self.newestDataKey(in: db) == newest else { return false }
            try db.execute(
                sql: """
                    INSERT INTO dek (kid, nonce, ciphertext, created_at, first_version)
                    VALUES (?, ?, ?, ?, (SELECT last_version FROM store))
                    """,
                arguments: [key.kid, key.nonce, key.ciphertext, now]
            )
            try self.append([entry], at: now, in: db)
            return true
        }
    }

    package func removeUnusedDataKeys(except named: Set<String>) async throws -> [String] {
        let removed = try await self.write { db in
            let used = SealedTable.all.map {
                "SELECT \($0.keyColumn) FROM \($0.name) WHERE \($0.keyColumn) IS NOT NULL"
            }
            return try String.fetchAll(
                db,
                sql: """
                    DELETE FROM dek WHERE id < (SELECT max(id) FROM dek)
                        AND kid NOT IN (SELECT value FROM json_each(?))
                        AND kid NOT IN (\(used.joined(separator: " UNION ALL "))) RETURNING kid
                    """,
                arguments: [try Self.json(named.sorted())]
            )
        }
        if !removed.isEmpty { try await self.forgetOldPages() }
        return removed
    }

    package func rewrap(
        from present: KeyEncryptionKey,
        to next: KeyEncryptionKey,
        wrapping: KeyWrapping?,
        entry: AuditEntry
    ) async throws {
        try await self.write { [now = self.timestamp] db in
            guard let store = try StoreRecord.fetchOne(db, sql: "SELECT * FROM store") else {
                throw SealerError.damaged
            }
            let records = try DataKeyRecord.fetchAll(db, sql: "SELECT * FROM dek ORDER BY id")
            let rewrapped = try DataKeys.rewrap(records, of: store, from: present, to: next)
            for record in rewrapped {
                try db.execute(
                    sql: "UPDATE dek SET nonce = ?, ciphertext = ? WHERE kid = ?",
                    arguments: [record.nonce, record.ciphertext, record.kid]
                )
            }
            let check = try DataKeys.makeKeyCheck(store: store.name, keyEncryptionKey: next)
            try db.execute(
                sql: """
                    UPDATE store SET key_check_nonce = ?, key_check_ciphertext = ?, wrapped_key = ?, wrapping_key = ?
                    """,
                arguments: [check.nonce, check.ciphertext, wrapping?.wrapped, wrapping?.keyID]
            )
            try self.append([entry], at: now, in: db)
        }
        try await self.forgetOldPages()
    }

    /// Empties the write-ahead log, in which pages lie as they were before.
    ///
    /// Where somebody reads just then, it is overwritten in the course of later writes.
    private func forgetOldPages() async throws {
        let held = self.size(of: "-wal")
        try await self.writeWithoutTransaction { db in
            do {
                _ = try db.checkpoint(.truncate)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                return
            }
        }
        // A vault that serves holds room ready in it.
        if held >= Self.reservedPages * 4096 { _ = try await self.fillReserve() }
    }
}
