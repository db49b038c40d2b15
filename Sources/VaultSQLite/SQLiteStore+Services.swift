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

    package func services() async throws -> [StoredService] {
        try await self.read { try StoredService.fetchAll($0, sql: "SELECT name, provider FROM service ORDER BY name") }
    }

    /// Forgets a service that has no tokens, or with its tokens.
    ///
    /// - Returns: How many tokens it had; nil when there is no such service.
    package func deleteService(_ name: String, withTokens: Bool) async throws -> Int? {
        try await self.write { db in
            let id = try Int64.fetchOne(db, sql: "SELECT id FROM service WHERE name = ?", arguments: [name])
            guard let id else {
                return nil
            }
            let sql = "SELECT count(*) FROM token WHERE service_id = ?"
            let count = try Int.fetchOne(db, sql: sql, arguments: [id]) ?? 0
            if count == 0 || withTokens {
                // Before the service, so that what is to happen to a deleted token happens to each of these.
                try db.execute(sql: "DELETE FROM token WHERE service_id = ?", arguments: [id])
                try db.execute(sql: "DELETE FROM service WHERE id = ?", arguments: [id])
            }
            return count
        }
    }
}

extension StoredService: FetchableRecord {}
