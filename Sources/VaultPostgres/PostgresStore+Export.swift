import Foundation
package import VaultCore

extension PostgresStore {
    package func exportTokens(
        _ names: [TokenKey]?,
        repeats: Bool = false,
        rotating: [String],
        sealer: CredentialSealer,
        entry: @escaping @Sendable (ExportedToken) -> AuditEntry
    ) async throws -> (tokens: [ExportedToken], leftOut: [TokenKey], ended: [TokenKey: Int64]) {
        let (tokens, leftOut, ended, armed) = try await self.write(sealing: sealer, within: Self.batchPatience) {
            [now = self.timestamp] db, keys in
            var tokens: [ExportedToken] = []
            var leftOut: [TokenKey] = []
            var ended: [TokenKey: Int64] = [:]
            for row in try Self.lockTokens(names, in: db) {
                let key = TokenKey(service: row.token.service, token: row.token.name)
                let decision = ExportDecision(
                    row.standing,
                    credential: row.token.credential,
                    repeats: repeats,
                    isRotating: rotating.contains(key.service)
                )
                guard let sealed = row.token.credential, decision != .leftOut else {
                    leftOut.append(key)
                    continue
                }
                guard try !db.exists("SELECT 1 FROM renewal WHERE token_id = $1 AND phase <> 'idle'", [row.id]) else {
                    throw StoreError(.unavailable, "The token \(key) is being renewed: try again in a moment.")
                }
                let credential = try keys.open(sealed)
                if decision == .moved(isRepeated: false) {
                    try db.execute(
                        "UPDATE token SET problem = $1 WHERE id = $2",
                        [TokenProblem.exported.rawValue, row.id]
                    )
                    ended[key] = row.version
                } else if decision == .shared {
                    try db.execute("UPDATE token SET shared = 'export' WHERE id = $1", [row.id])
                }
                let provider = try Self.provider(of: key.service, in: db)
                tokens.append(
                    ExportedToken(row.token, provider: provider, credential: credential, isMoved: decision.isMoved)
                )
            }
            try self.append(tokens.map(entry), at: now, in: db)
            return (tokens, leftOut, ended, ended.isEmpty ? nil : try self.countArmed(in: db))
        }
        if let armed { try await self.raiseMarker(to: armed) }
        return (tokens, leftOut, ended)
    }

    /// Tokens that nobody renews meanwhile: those that were named, or all by name.
    private static func lockTokens(_ names: [TokenKey]?, in db: PostgresTransaction) throws -> [TokenRow] {
        if let names {
            return try names.compactMap { try TokenRow.lockOne(service: $0.service, name: $0.token, in: db) }
        }
        try db.execute("SELECT 1 FROM token ORDER BY id FOR NO KEY UPDATE")
        return try db.rows(TokenRow.query + " ORDER BY service.name, token.name").map(TokenRow.init)
    }

    private static func provider(of service: String, in db: PostgresTransaction) throws -> String {
        try db.value("SELECT provider AS value FROM service WHERE name = $1", [service]) ?? ""
    }

    package func undoExport(of ended: [TokenKey: Int64], entries: [AuditEntry]) async throws {
        try await self.database.write(within: Self.batchPatience) { [now = self.timestamp] db in
            for (key, version) in ended {
                try db.execute(
                    """
                    UPDATE token SET problem = NULL WHERE problem = $1 AND version = $2 AND name = $3
                        AND service_id IN (SELECT id FROM service WHERE name = $4)
                    """,
                    [TokenProblem.exported.rawValue, version, key.token, key.service]
                )
            }
            try self.append(entries, at: now, in: db)
        }
    }

    package func importTokens(
        _ tokens: [ExportedToken],
        replaces: Bool,
        sealer: CredentialSealer,
        entry: @escaping @Sendable (ExportedToken) -> AuditEntry
    ) async throws -> TokenImport {
        try await self.write(sealing: sealer, within: Self.batchPatience) { [now = self.timestamp] db, keys in
            let complaints = try tokens.compactMap { try Self.complaint($0, replaces: replaces, in: db) }
            guard complaints.isEmpty else { return .refused(complaints) }
            for token in tokens {
                guard let service = try Self.serviceID(token.service, in: db) else { continue }
                _ = try Self.makeToken(token.name, ofService: service, at: now, in: db)
                try db.execute(
                    "UPDATE token SET display_name = $1, return_urls = $2 WHERE service_id = $3 AND name = $4",
                    [token.displayName, try Self.json(token.returnURLs), service, token.name]
                )
                guard let row = try TokenRow.lockOne(service: token.service, name: token.name, in: db) else { continue }
                _ = try Self.store(
                    token.credential,
                    in: row,
                    account: token.account,
                    isImported: true,
                    keys: keys,
                    at: now,
                    db: db
                )
                let shared: String? = token.isMoved ? nil : "export"
                try db.execute("UPDATE token SET shared = $1 WHERE id = $2", [shared, row.id])
            }
            try self.append(tokens.map(entry), at: now, in: db)
            return .imported(tokens.count)
        }
    }

    private static func complaint(_ token: ExportedToken, replaces: Bool, in db: PostgresTransaction) throws -> String?
    {
        let service = try db.row("SELECT provider, config_hash FROM service WHERE name = $1", [token.service])
            .map { (provider: try $0["provider"] as String, configurationHash: try $0["config_hash"] as String) }
        let present = try TokenRow.lockOne(service: token.service, name: token.name, in: db)
        return token.complaint(service: service, present: present?.token, replaces: replaces)
    }
}
