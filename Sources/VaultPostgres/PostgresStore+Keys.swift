import Foundation
package import VaultCore

extension PostgresStore {
    /// A credential has four sealed values, with its counter; nothing else that is given a number has more.
    private static let sealsPerVersion: Int64 = 4

    /// The row of the store; nil in a database that was just made.
    package func record() async throws -> StoreRecord? {
        try await self.database.query { try Self.record(in: $0) }
    }

    private static func record(in db: PostgresTransaction) throws -> StoreRecord? {
        try db.row("SELECT * FROM store").map { row in
            let wrapping: KeyWrapping? =
                if let wrapped = try row["wrapped_key"] as Data?, let key = try row["wrapping_key"] as String? {
                    KeyWrapping(keyID: key, wrapped: wrapped)
                } else {
                    nil
                }
            return StoreRecord(
                name: try row["name"],
                keyCheck: SealedValue(nonce: try row["key_check_nonce"], ciphertext: try row["key_check_ciphertext"]),
                wrapping: wrapping,
                marker: try row["marker"],
                movedTo: try row["moved_to"],
                incoming: try row["incoming"],
                moveID: try row["move_id"]
            )
        }
    }

    /// The wrapped data keys, the oldest first.
    package func dataKeys() async throws -> [DataKeyRecord] {
        try await self.database.query { try Self.dataKeys(in: $0) }
    }

    private static func dataKeys(in db: PostgresTransaction) throws -> [DataKeyRecord] {
        try db.rows("SELECT * FROM dek ORDER BY id").map { row in
            DataKeyRecord(
                kid: try row["kid"],
                wrapped: SealedValue(nonce: try row["nonce"], ciphertext: try row["ciphertext"])
            )
        }
    }

    package func create(name: String, keyEncryptionKey: KeyEncryptionKey) async throws -> Bool {
        let keyCheck = try DataKeys.makeKeyCheck(store: name, keyEncryptionKey: keyEncryptionKey)
        let dataKey = try DataKeys.makeDataKey(store: name, keyEncryptionKey: keyEncryptionKey)
        return try await self.database.write { [now = self.timestamp] db in
            let count = try db.execute(
                """
                INSERT INTO store (id, name, key_check_nonce, key_check_ciphertext, created_at)
                VALUES (1, $1, $2, $3, $4) ON CONFLICT DO NOTHING
                """,
                [name, keyCheck.nonce, keyCheck.ciphertext, now]
            )
            guard count > 0 else { return false }
            try db.execute(
                "INSERT INTO dek (kid, nonce, ciphertext, created_at) VALUES ($1, $2, $3, $4)",
                [dataKey.kid, dataKey.nonce, dataKey.ciphertext, now]
            )
            return true
        }
    }

    package func dataKeyUsage() async throws -> [DataKeyUsage] {
        try await self.database.read { db in
            var values: [String: Int] = [:]
            for table in SealedTable.all {
                let present = table.columns.map { "(\($0) IS NOT NULL)::int" }.joined(separator: " + ")
                let rows = try db.rows(
                    """
                    SELECT \(table.keyColumn) AS kid, sum(\(present))::bigint AS count FROM \(table.name)
                    WHERE \(table.keyColumn) IS NOT NULL GROUP BY 1
                    """
                )
                for row in rows { values[try row["kid"], default: 0] += try row["count"] as Int }
            }
            let last = try Self.lastVersion(in: db)
            let keys = try db.rows("SELECT kid, first_version, created_at FROM dek ORDER BY id")
            let ends = try keys.dropFirst().map { try $0["first_version"] as Int64 } + [last]
            return try zip(keys, ends).map { key, end in
                DataKeyUsage(
                    keyID: try key["kid"],
                    createdOn: Self.date(try key["created_at"]),
                    values: values[try key["kid"]] ?? 0,
                    seals: max(end - (try key["first_version"] as Int64), 0)
                        .multipliedReportingOverflow(by: Self.sealsPerVersion).partialValue
                )
            }
        }
    }

    /// The last number that a sealed value was given.
    private static func lastVersion(in db: PostgresTransaction) throws -> Int64 {
        try db.value("SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS value FROM version_number") ?? 0
    }

    package func addDataKey(
        _ key: DataKeyRecord,
        after newest: String,
        keyEncryptionKey: KeyEncryptionKey,
        entry: AuditEntry
    ) async throws -> Bool {
        try await self.database.write { [now = self.timestamp] db in
            // Waits for everybody who seals with the key of now, and lets nobody begin before this one is there.
            try db.execute("LOCK TABLE dek IN EXCLUSIVE MODE")
            guard let store = try Self.record(in: db) else { throw SealerError.damaged }
            // In the same transaction: a key that nobody could unwrap would take everything that is sealed with it along.
            try DataKeys.check(store, keyEncryptionKey: keyEncryptionKey)
            let present: String? = try db.value("SELECT kid AS value FROM dek ORDER BY id DESC LIMIT 1")
            guard present == newest else { return false }
            try db.execute(
                "INSERT INTO dek (kid, nonce, ciphertext, created_at, first_version) VALUES ($1, $2, $3, $4, $5)",
                [key.kid, key.nonce, key.ciphertext, now, try Self.lastVersion(in: db)]
            )
            try self.append([entry], at: now, in: db)
            return true
        }
    }

    package func removeUnusedDataKeys(except named: Set<String>) async throws -> [String] {
        try await self.database.write(within: Self.batchPatience) { db in
            // Nobody begins to use one of them meanwhile.
            try db.execute("LOCK TABLE dek IN EXCLUSIVE MODE")
            let used = SealedTable.all.map { table in
                "SELECT \(table.keyColumn) FROM \(table.name) WHERE \(table.keyColumn) IS NOT NULL"
            }
            return try db.rows(
                """
                DELETE FROM dek WHERE id < (SELECT max(id) FROM dek)
                    AND kid NOT IN (SELECT json_array_elements_text($1::json))
                    AND kid NOT IN (\(used.joined(separator: " UNION ALL "))) RETURNING kid
                """,
                [try Self.json(named.sorted())]
            ).map { try $0["kid"] }
        }
    }

    package func rewrap(
        from present: KeyEncryptionKey,
        to next: KeyEncryptionKey,
        wrapping: KeyWrapping?,
        entry: AuditEntry
    ) async throws {
        try await self.database.write { [now = self.timestamp] db in
            try db.execute("LOCK TABLE dek IN EXCLUSIVE MODE")
            guard let store = try Self.record(in: db) else { throw SealerError.damaged }
            let rewrapped = try DataKeys.rewrap(Self.dataKeys(in: db), of: store, from: present, to: next)
            for record in rewrapped {
                try db.execute(
                    "UPDATE dek SET nonce = $1, ciphertext = $2 WHERE kid = $3",
                    [record.nonce, record.ciphertext, record.kid]
                )
            }
            let check = try DataKeys.makeKeyCheck(store: store.name, keyEncryptionKey: next)
            try db.execute(
                "UPDATE store SET key_check_nonce = $1, key_check_ciphertext = $2, wrapped_key = $3, wrapping_key = $4",
                [check.nonce, check.ciphertext, wrapping?.wrapped, wrapping?.keyID]
            )
            try self.append([entry], at: now, in: db)
        }
    }
}
