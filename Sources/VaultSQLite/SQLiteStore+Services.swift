import GRDB
package import VaultCore

extension SQLiteStore {
    package func service(_ name: String) async throws -> StoredService? {
        try await self.read { db in
            try StoredService.fetchOne(db, sql: "SELECT name, provider FROM service WHERE name = ?", arguments: [name])
        }
    }

    /// Makes a service.
    ///
    /// - Returns: The service that has the name now, which may be an older one with another provider.
    package func createService(_ name: String, provider: String) async throws -> (service: StoredService, isNew: Bool) {
        try await self.write { [now = self.timestamp] db in
            try db.execute(
                sql: "INSERT INTO service (name, provider, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [name, provider, now]
            )
            let isNew = db.changesCount > 0
            let sql = "SELECT name, provider FROM service WHERE name = ?"
            let service = try StoredService.fetchOne(db, sql: sql, arguments: [name])
            return (service ?? StoredService(name: name, provider: provider), isNew)
        }
    }
}

extension StoredService: FetchableRecord {}
