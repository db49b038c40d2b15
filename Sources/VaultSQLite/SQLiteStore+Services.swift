import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func service(_ name: String) async throws -> StoredService? {
        try await self.read { try Self.serviceRow(name, in: $0)?.service }
    }

    package func services(after name: String, limit: Int) async throws -> [StoredService] {
        try await self.read { db in
            let sql = "SELECT * FROM service WHERE name > ? ORDER BY name LIMIT ?"
            return try ServiceRow.fetchAll(db, sql: sql, arguments: [name, limit]).map { $0.service }
        }
    }

    package func createService(
        _ name: String,
        provider: String
    ) async throws -> (service: StoredService, isNew: Bool) {
        try await self.write { [now = self.timestamp] db in
            if let row = try Self.serviceRow(name, in: db) {
                return (row.service, false)
            }
            let configuration = ServiceConfiguration(provider: provider)
            return (try Self.insertService(name, configuration: configuration, at: now, in: db), true)
        }
    }

    package func putService(
        _ name: String,
        configuration: ServiceConfiguration,
        clientSecret: String?,
        sealer: CredentialSealer
    ) async throws -> ServiceChange {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            let present = try Self.serviceRow(name, in: db)
            let service: StoredService
            if let present {
                service = try Self.updateService(present, configuration: configuration, at: now, in: db)
            } else {
                try Self.checkRoom(for: .services, limit: self.quotas.services, in: db)
                service = try Self.insertService(name, configuration: configuration, at: now, in: db)
            }
            let id = present?.id ?? db.lastInsertedRowID
            if let present, present.service.configurationHash != configuration.hash {
                // A secret was given for one provider, and whoever points the service elsewhere need not know it.
                try db.execute(sql: "DELETE FROM service_secret WHERE service_id = ?", arguments: [id])
            }
            if let clientSecret {
                let secrets = try Self.secrets(of: name, in: db)
                let others = secrets.filter { (try? $0.open(with: keys)) != clientSecret }
                if others.count == secrets.count {
                    _ = try Self.insertSecret(clientSecret, service: (id, name), keys: keys, at: now, in: db)
                    for secret in secrets.dropFirst(StoredClientSecret.limit - 1) {
                        try db.execute(sql: "DELETE FROM service_secret WHERE version = ?", arguments: [secret.version])
                    }
                }
            }
            let tokensInError = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM token JOIN credential ON credential.token_id = token.id
                    WHERE service_id = ? AND config_hash NOT IN ('', ?)
                    """,
                arguments: [id, service.configurationHash]
            )
            return ServiceChange(service: service, isNew: present == nil, tokensInError: tokensInError ?? 0)
        }
    }

    package func deleteService(_ name: String, withTokens: Bool) async throws -> Int? {
        try await self.write { db in
            guard let id = try Self.serviceID(name, in: db) else {
                return nil
            }
            let sql = "SELECT count(*) FROM token WHERE service_id = ?"
            let count = try Int.fetchOne(db, sql: sql, arguments: [id]) ?? 0
            if count == 0 || withTokens {
                // Before the service, so that what is to happen to a deleted token happens to each of these.
                try db.execute(sql: "DELETE FROM token WHERE service_id = ?", arguments: [id])
                try db.execute(sql: "DELETE FROM service WHERE id = ?", arguments: [id])
                try Self.deletePolicies(below: .service(name), in: db)
            }
            return count
        }
    }

    static func serviceID(_ name: String, in db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT id FROM service WHERE name = ?", arguments: [name])
    }

    private static func serviceRow(_ name: String, in db: Database) throws -> ServiceRow? {
        try ServiceRow.fetchOne(db, sql: "SELECT * FROM service WHERE name = ?", arguments: [name])
    }

    private static func insertService(
        _ name: String,
        configuration: ServiceConfiguration,
        at now: Int64,
        in db: Database
    ) throws -> StoredService {
        try db.execute(
            sql: """
                INSERT INTO service (
                    provider, display_name, client_id, scopes, parameters, token_parameters, return_urls, config_hash,
                    changed_at, name, created_at
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: try Self.columns(of: configuration) + [now, name, now]
        )
        let date = Date(timeIntervalSince1970: TimeInterval(now))
        return StoredService(
            name: name,
            configuration: configuration,
            configurationHash: configuration.hash,
            createdOn: date,
            changedOn: date
        )
    }

    private static func updateService(
        _ row: ServiceRow,
        configuration: ServiceConfiguration,
        at now: Int64,
        in db: Database
    ) throws -> StoredService {
        try db.execute(
            sql: """
                UPDATE service SET provider = ?, display_name = ?, client_id = ?, scopes = ?, parameters = ?,
                    token_parameters = ?, return_urls = ?, config_hash = ?, changed_at = ?
                WHERE id = ?
                """,
            arguments: try Self.columns(of: configuration) + [now, row.id]
        )
        return StoredService(
            name: row.name,
            configuration: configuration,
            configurationHash: configuration.hash,
            createdOn: Date(timeIntervalSince1970: TimeInterval(row.createdAt)),
            changedOn: Date(timeIntervalSince1970: TimeInterval(now))
        )
    }

    private static func columns(of configuration: ServiceConfiguration) throws -> StatementArguments {
        [
            configuration.provider, configuration.displayName, configuration.clientID,
            try self.json(configuration.scopes), try self.json(configuration.parameters),
            configuration.tokenParameters, try self.json(configuration.returnURLs), configuration.hash,
        ]
    }
}

private struct ServiceRow: Decodable, FetchableRecord {
    let id: Int64
    let name: String
    let provider: String
    let displayName: String
    let clientID: String
    let scopes: [String]
    let parameters: [String: String]
    let tokenParameters: String
    let returnURLs: [String]
    let configHash: String
    let createdAt: Int64
    let changedAt: Int64

    private enum CodingKeys: String, CodingKey {
        case id, name, provider, scopes, parameters
        case displayName = "display_name"
        case clientID = "client_id"
        case tokenParameters = "token_parameters"
        case returnURLs = "return_urls"
        case configHash = "config_hash"
        case createdAt = "created_at"
        case changedAt = "changed_at"
    }

    var service: StoredService {
        StoredService(
            name: self.name,
            configuration: ServiceConfiguration(
                provider: self.provider,
                displayName: self.displayName,
                clientID: self.clientID,
                scopes: self.scopes,
                parameters: self.parameters,
                tokenParameters: self.tokenParameters,
                returnURLs: self.returnURLs
            ),
            configurationHash: self.configHash,
            createdOn: Date(timeIntervalSince1970: TimeInterval(self.createdAt)),
            changedOn: Date(timeIntervalSince1970: TimeInterval(self.changedAt))
        )
    }
}
