import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func clientSecrets(of service: String) async throws -> [StoredClientSecret] {
        try await self.read { try Self.secrets(of: service, in: $0) }
    }

    package func addClientSecret(
        _ secret: String,
        to service: String,
        sealer: CredentialSealer
    ) async throws -> StoredClientSecret? {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            guard let id = try Self.serviceID(service, in: db) else {
                return nil
            }
            let present = try Self.secrets(of: service, in: db)
            if let same = present.first(where: { (try? $0.open(with: keys)) == secret }) {
                return same
            }
            guard present.count < StoredClientSecret.limit else {
                return nil
            }
            return try Self.insertSecret(secret, service: (id, service), keys: keys, at: now, in: db)
        }
    }

    package func removeClientSecret(_ version: Int64, of service: String) async throws -> Bool {
        try await self.write { db in
            try db.execute(
                sql: """
                    DELETE FROM service_secret WHERE version = ?
                        AND service_id IN (SELECT id FROM service WHERE name = ?)
                    """,
                arguments: [version, service]
            )
            return db.changesCount > 0
        }
    }

    /// The newest first.
    static func secrets(of service: String, in db: Database) throws -> [StoredClientSecret] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT version, kid, sealed, service_secret.created_at AS created_at FROM service_secret
                JOIN service ON service.id = service_id WHERE service.name = ? ORDER BY version DESC
                """,
            arguments: [service]
        )
        return try rows.map { row in
            guard let sealed = SealedValue(combined: row["sealed"]) else {
                throw SealerError.damaged
            }
            return StoredClientSecret(
                service: service,
                version: row["version"],
                keyID: row["kid"],
                sealed: sealed,
                createdOn: Date(timeIntervalSince1970: TimeInterval(row["created_at"] as Int64))
            )
        }
    }

    static func insertSecret(
        _ secret: String,
        service: (id: Int64, name: String),
        keys: DataKeys,
        at now: Int64,
        in db: Database
    ) throws -> StoredClientSecret {
        let version = try self.nextVersion(in: db)
        let field = StoredClientSecret.field(service: service.name, version: version)
        let sealed = try keys.seal(secret, as: field)
        try db.execute(
            sql: "INSERT INTO service_secret (version, service_id, kid, sealed, created_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [version, service.id, keys.currentKeyID, sealed.combined, now]
        )
        return StoredClientSecret(
            service: service.name,
            version: version,
            keyID: keys.currentKeyID,
            sealed: sealed,
            createdOn: Date(timeIntervalSince1970: TimeInterval(now))
        )
    }
}
