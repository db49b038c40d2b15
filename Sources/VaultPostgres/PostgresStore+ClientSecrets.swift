import Foundation
package import VaultCore

extension PostgresStore {
    package func clientSecrets(of service: String) async throws -> [StoredClientSecret] {
        try await self.database.query { try Self.secrets(of: service, in: $0) }
    }

    package func addClientSecret(
        _ secret: String,
        to service: String,
        sealer: CredentialSealer
    ) async throws -> StoredClientSecret? {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            // One who adds at a time: of two, the second has to find the first's secret.
            guard let id = try Self.serviceID(service, locking: "FOR UPDATE", in: db) else { return nil }
            let present = try Self.secrets(of: service, in: db)
            if let same = present.first(where: { (try? $0.open(with: keys)) == secret }) { return same }
            guard present.count < StoredClientSecret.limit else { return nil }
            return try Self.insertSecret(secret, service: (id, service), keys: keys, at: now, in: db)
        }
    }

    package func removeClientSecret(_ version: Int64, of service: String) async throws -> Bool {
        try await self.database.write { db in
            try db.execute(
                """
                DELETE FROM service_secret WHERE version = $1
                    AND service_id IN (SELECT id FROM service WHERE name = $2)
                """,
                [version, service]
            ) > 0
        }
    }

    /// Makes a secret the first, unless the service has it, and lets the oldest go.
    static func putSecret(
        _ secret: String,
        service: (id: Int64, name: String),
        keys: DataKeys,
        at now: Int64,
        in db: PostgresTransaction
    ) throws {
        let secrets = try self.secrets(of: service.name, in: db)
        guard !secrets.contains(where: { (try? $0.open(with: keys)) == secret }) else { return }
        _ = try self.insertSecret(secret, service: service, keys: keys, at: now, in: db)
        for secret in secrets.dropFirst(StoredClientSecret.limit - 1) {
            try db.execute("DELETE FROM service_secret WHERE version = $1", [secret.version])
        }
    }

    /// The newest first.
    private static func secrets(of service: String, in db: PostgresTransaction) throws -> [StoredClientSecret] {
        let rows = try db.rows(
            """
            SELECT version, kid, sealed, service_secret.created_at AS created_at FROM service_secret
            JOIN service ON service.id = service_id WHERE service.name = $1 ORDER BY version DESC
            """,
            [service]
        )
        return try rows.map { row in
            guard let sealed = SealedValue(combined: try row["sealed"]) else { throw SealerError.damaged }
            return StoredClientSecret(
                service: service,
                version: try row["version"],
                keyID: try row["kid"],
                sealed: sealed,
                createdOn: Self.date(try row["created_at"])
            )
        }
    }

    private static func insertSecret(
        _ secret: String,
        service: (id: Int64, name: String),
        keys: DataKeys,
        at now: Int64,
        in db: PostgresTransaction
    ) throws -> StoredClientSecret {
        let version = try self.nextVersion(in: db)
        let sealed = try keys.seal(secret, as: StoredClientSecret.field(service: service.name, version: version))
        try db.execute(
            "INSERT INTO service_secret (version, service_id, kid, sealed, created_at) VALUES ($1, $2, $3, $4, $5)",
            [version, service.id, keys.currentKeyID, sealed.combined, now]
        )
        return StoredClientSecret(
            service: service.name,
            version: version,
            keyID: keys.currentKeyID,
            sealed: sealed,
            createdOn: Self.date(now)
        )
    }
}
