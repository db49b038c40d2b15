import VaultCore

/// How a database without tables, or with those of an older version, becomes the current one.
struct StoreMigration: Sendable {
    let database: PostgresDatabase

    /// How long a migration may take: it may rewrite tables.
    private static let patience = Duration.seconds(600)

    /// - Parameter creates: Whether tables are made where there are none.
    /// - Returns: Whether there are tables.
    /// - Throws: ``StoreError``; ``StoreError/Code/unusable`` for tables of a newer version.
    func run(creating creates: Bool) async throws -> Bool {
        let schema = self.database.address.schema
        let present = try await self.database.query { try Self.version(in: $0, schema: schema) }
        if let present, try self.isCurrent(present) { return true }
        guard present != nil || creates else { return false }
        try await self.database.write(within: Self.patience) { db in
            // Of two vaults that start at once the second waits here, and then finds nothing to do.
            try db.execute("SELECT pg_advisory_xact_lock(hashtext($1), 0)", [schema])
            var version = try Self.version(in: db, schema: schema) ?? 0
            if version == 0 {
                if try !db.exists("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]) {
                    try db.execute("CREATE SCHEMA \(schema)")
                }
                try Self.checkPrivilege(in: db, schema: schema)
                try self.checkEncoding(in: db)
            }
            for (number, script) in StoreSchema.migrations.enumerated() where number >= version {
                try db.connection.runScript(script)
                version = number + 1
                try db.execute(
                    "INSERT INTO migration (version, applied_at) VALUES ($1, extract(epoch FROM clock_timestamp())::bigint)",
                    [version]
                )
            }
        }
        return true
    }

    /// The version of the tables; nil where there are none.
    private static func version(in db: PostgresTransaction, schema: String) throws -> Int? {
        // As a query of the catalog: what functions such as to_regclass remember may be from before a lock was waited for.
        let isThere = try db.exists(
            """
            SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = $1 AND relname = 'migration'
            """,
            [schema]
        )
        guard isThere else { return nil }
        // By its whole name: who may not use the schema is told that, and not that there is no such table.
        return try db.value("SELECT max(version) AS value FROM \(schema).migration")
    }

    /// A schema that somebody else made may not be ours to use; the server would say that none was selected.
    private static func checkPrivilege(in db: PostgresTransaction, schema: String) throws {
        let isAllowed = "has_schema_privilege($1, 'USAGE') AND has_schema_privilege($1, 'CREATE')"
        guard try db.exists("SELECT 1 WHERE \(isAllowed)", [schema]) else {
            throw PostgresFailure(.refused, state: "42501", message: "permission denied for schema \(schema)")
        }
    }

    private func isCurrent(_ version: Int) throws -> Bool {
        guard version <= StoreSchema.migrations.count else {
            throw StoreError(
                .unusable,
                "The store \(self.database.address) was made by a newer token-vault: use that one."
            )
        }
        return version == StoreSchema.migrations.count
    }

    private func checkEncoding(in db: PostgresTransaction) throws {
        let encoding: String? = try db.value("SELECT current_setting('server_encoding') AS value")
        guard encoding == "UTF8" else {
            throw StoreError(
                .unusable,
                "The database \(self.database.address) keeps text as \(encoding ?? "something else"): make it with `createdb --encoding UTF8`."
            )
        }
    }
}
