import Foundation
package import VaultCore

extension PostgresStore {
    package func service(_ name: String) async throws -> StoredService? {
        try await self.database.query { try Self.serviceRow(name, in: $0)?.service }
    }

    package func services(after name: String, limit: Int) async throws -> [StoredService] {
        try await self.database.query { db in
            try db.rows("SELECT * FROM service WHERE name > $1 ORDER BY name LIMIT $2", [name, limit])
                .map { try ServiceRow($0).service }
        }
    }

    package func createService(
        _ name: String,
        provider: String
    ) async throws -> (service: StoredService, isNew: Bool) {
        try await self.database.write { [now = self.timestamp] db in
            if let row = try Self.serviceRow(name, in: db) { return (row.service, false) }
            let (_, service) = try Self.insertService(
                name,
                configuration: ServiceConfiguration(provider: provider),
                at: now,
                in: db
            )
            return (service, true)
        }
    }

    package func putService(
        _ name: String,
        configuration: ServiceConfiguration,
        clientSecret: String?,
        sealer: CredentialSealer
    ) async throws -> ServiceChange {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            let present = try Self.serviceRow(name, locking: "FOR UPDATE", in: db)
            let (id, service): (Int64, StoredService)
            if let present {
                (id, service) = try Self.updateService(present, configuration: configuration, at: now, in: db)
            } else {
                try Self.checkRoom(for: .services, limit: self.quotas.services, in: db)
                (id, service) = try Self.insertService(name, configuration: configuration, at: now, in: db)
            }
            if let present, present.service.configurationHash != configuration.hash {
                // A secret was given for one provider, and whoever points the service elsewhere need not know it.
                try db.execute("DELETE FROM service_secret WHERE service_id = $1", [id])
            }
            if let clientSecret {
                try Self.putSecret(clientSecret, service: (id, name), keys: keys, at: now, in: db)
            }
            let tokensInError: Int? = try db.value(
                """
                SELECT count(*) AS value FROM token JOIN credential ON credential.token_id = token.id
                WHERE service_id = $1 AND config_hash NOT IN ('', $2)
                """,
                [id, service.configurationHash]
            )
            return ServiceChange(service: service, isNew: present == nil, tokensInError: tokensInError ?? 0)
        }
    }

    package func deleteService(_ name: String, withTokens: Bool) async throws -> Int? {
        try await self.database.write { db in
            // Nobody makes a token in it from here on.
            guard let id = try Self.serviceID(name, locking: "FOR UPDATE", in: db) else { return nil }
            let count: Int = try db.value("SELECT count(*) AS value FROM token WHERE service_id = $1", [id]) ?? 0
            if count == 0 || withTokens {
                // Before the service, so that what is to happen to a deleted token happens to each of these.
                try db.execute("DELETE FROM token WHERE service_id = $1", [id])
                try db.execute("DELETE FROM service WHERE id = $1", [id])
                try Self.deletePolicies(below: .service(name), in: db)
            }
            return count
        }
    }

    static func serviceID(_ name: String, locking: String = "", in db: PostgresTransaction) throws -> Int64? {
        try db.value("SELECT id AS value FROM service WHERE name = $1 \(locking)", [name])
    }

    private static func serviceRow(
        _ name: String,
        locking: String = "",
        in db: PostgresTransaction
    ) throws -> ServiceRow? {
        try db.row("SELECT * FROM service WHERE name = $1 \(locking)", [name]).map(ServiceRow.init)
    }

    private static func insertService(
        _ name: String,
        configuration: ServiceConfiguration,
        at now: Int64,
        in db: PostgresTransaction
    ) throws -> (id: Int64, service: StoredService) {
        let id: Int64? = try db.value(
            """
            INSERT INTO service (
                provider, display_name, client_id, scopes, parameters, token_parameters, return_urls, config_hash,
                changed_at, name, created_at
            ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9) RETURNING id AS value
            """,
            try Self.columns(of: configuration) + [now, name]
        )
        guard let id else { throw SealerError.damaged }
        let service = StoredService(
            name: name,
            configuration: configuration,
            configurationHash: configuration.hash,
            createdOn: Self.date(now),
            changedOn: Self.date(now)
        )
        return (id, service)
    }

    private static func updateService(
        _ row: ServiceRow,
        configuration: ServiceConfiguration,
        at now: Int64,
        in db: PostgresTransaction
    ) throws -> (id: Int64, service: StoredService) {
        try db.execute(
            """
            UPDATE service SET provider = $1, display_name = $2, client_id = $3, scopes = $4, parameters = $5,
                token_parameters = $6, return_urls = $7, config_hash = $8, changed_at = $9
            WHERE id = $10
            """,
            try Self.columns(of: configuration) + [now, row.id]
        )
        let service = StoredService(
            name: row.service.name,
            configuration: configuration,
            configurationHash: configuration.hash,
            createdOn: row.service.createdOn,
            changedOn: Self.date(now)
        )
        return (row.id, service)
    }

    private static func columns(of configuration: ServiceConfiguration) throws -> [any PostgresEncodable] {
        [
            configuration.provider, configuration.displayName, configuration.clientID,
            try self.json(configuration.scopes), try self.json(configuration.parameters),
            configuration.tokenParameters, try self.json(configuration.returnURLs), configuration.hash,
        ]
    }
}

private struct ServiceRow {
    let id: Int64
    let service: StoredService

    init(_ row: PostgresRow) throws {
        self.id = try row["id"]
        self.service = StoredService(
            name: try row["name"],
            configuration: ServiceConfiguration(
                provider: try row["provider"],
                displayName: try row["display_name"],
                clientID: try row["client_id"],
                scopes: try PostgresStore.value(ofJSON: row["scopes"]),
                parameters: try PostgresStore.value(ofJSON: row["parameters"]),
                tokenParameters: try row["token_parameters"],
                returnURLs: try PostgresStore.value(ofJSON: row["return_urls"])
            ),
            configurationHash: try row["config_hash"],
            createdOn: PostgresStore.date(try row["created_at"]),
            changedOn: PostgresStore.date(try row["changed_at"])
        )
    }
}
