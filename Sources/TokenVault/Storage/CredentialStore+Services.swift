import GRDB

extension CredentialStore {
    struct Service: Sendable, Hashable, Decodable, FetchableRecord {
        let name: String
        let provider: String
    }

    func service(_ name: String) async throws -> Service? {
        try await self.pool.read { db in
            try Service.fetchOne(db, sql: "SELECT name, provider FROM service WHERE name = ?", arguments: [name])
        }
    }

    /// Makes a service.
    ///
    /// - Returns: The service that has the name now, which may be an older one with another provider.
    func createService(_ name: String, provider: String) async throws -> (service: Service, isNew: Bool) {
        try await self.pool.write { [now = self.timestamp] db in
            try db.execute(
                sql: "INSERT INTO service (name, provider, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [name, provider, now]
            )
            let isNew = db.changesCount > 0
            let sql = "SELECT name, provider FROM service WHERE name = ?"
            let service = try Service.fetchOne(db, sql: sql, arguments: [name])
            return (service ?? Service(name: name, provider: provider), isNew)
        }
    }
}
