import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func exportTokens(
        _ names: [TokenKey]?,
        repeats: Bool = false,
        rotating: [String],
        sealer: CredentialSealer,
        entry: @escaping @Sendable (ExportedToken) -> AuditEntry
    ) async throws -> (tokens: [ExportedToken], leftOut: [TokenKey], ended: [TokenKey: Int64]) {
        let (tokens, leftOut, ended, armed) = try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            let rows =
                try names?.compactMap { try TokenRow.fetchOne(service: $0.service, name: $0.token, in: db) }
                ?? Row.fetchAll(db, sql: TokenRow.query + " ORDER BY service.name, token.name").map(TokenRow.init)
            var tokens: [ExportedToken] = []
            var leftOut: [TokenKey] = []
            var ended: [TokenKey: Int64] = [:]
            for row in rows {
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
                guard try LeaseRow.fetch(ofToken: row.id, in: db).phase == .idle else {
                    throw StoreError(.unavailable, "The token \(key) is being renewed: try again in a moment.")
                }
                let credential = try keys.open(sealed)
                if decision == .moved(isRepeated: false) {
                    try db.execute(
                        sql: "UPDATE token SET problem = ? WHERE id = ?",
                        arguments: [TokenProblem.exported.rawValue, row.id]
                    )
                    ended[key] = row.version
                } else if decision == .shared {
                    try db.execute(sql: "UPDATE token SET shared = 'export' WHERE id = ?", arguments: [row.id])
                }
                let provider = try Self.provider(of: key.service, in: db)
                tokens.append(
                    ExportedToken(row.token, provider: provider, credential: credential, isMoved: decision.isMoved)
                )
            }
            try self.append(tokens.map(entry), at: now, in: db)
            return (tokens, leftOut, ended, ended.isEmpty ? nil : try Self.countArmed(in: db))
        }
        if let armed { try await self.raiseMarker(to: armed) }
        return (tokens, leftOut, ended)
    }

    private static func provider(of service: String, in db: Database) throws -> String {
        try String.fetchOne(db, sql: "SELECT provider FROM service WHERE name = ?", arguments: [service]) ?? ""
    }

    package func undoExport(of ended: [TokenKey: Int64], entries: [AuditEntry]) async throws {
        try await self.write { [now = self.timestamp] db in
            try self.append(entries, at: now, in: db)
            for (key, version) in ended {
                try db.execute(
                    sql: """
                        UPDATE token SET problem = NULL WHERE problem = ? AND version = ? AND name = ?
                            AND service_id IN (SELECT id FROM service WHERE name = ?)
                        """,
                    arguments: [TokenProblem.exported.rawValue, version, key.token, key.service]
                )
            }
        }
    }

    package func importTokens(
        _ tokens: [ExportedToken],
        replaces: Bool,
        sealer: CredentialSealer,
        entry: @escaping @Sendable (ExportedToken) -> AuditEntry
    ) async throws -> TokenImport {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            let complaints = try tokens.compactMap { try Self.complaint($0, replaces: replaces, in: db) }
            guard complaints.isEmpty else { return .refused(complaints) }
            for token in tokens {
                guard let service = try Self.serviceID(token.service, in: db) else { continue }
                _ = try Self.makeToken(token.name, ofService: service, at: now, in: db)
                try db.execute(
                    sql: "UPDATE token SET display_name = ?, return_urls = ? WHERE service_id = ? AND name = ?",
                    arguments: [token.displayName, try Self.json(token.returnURLs), service, token.name]
                )
                guard let row = try TokenRow.fetchOne(service: token.service, name: token.name, in: db) else {
                    continue
                }
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
                try db.execute(sql: "UPDATE token SET shared = ? WHERE id = ?", arguments: [shared, row.id])
            }
            try self.append(tokens.map(entry), at: now, in: db)
            return .imported(tokens.count)
        }
    }

    private static func complaint(_ token: ExportedToken, replaces: Bool, in db: Database) throws -> String? {
        let sql = "SELECT provider, config_hash FROM service WHERE name = ?"
        let service = try Row.fetchOne(db, sql: sql, arguments: [token.service])
            .map { (provider: $0["provider"] as String, configurationHash: $0["config_hash"] as String) }
        let present = try TokenRow.fetchOne(service: token.service, name: token.name, in: db)
        return token.complaint(service: service, present: present?.token, replaces: replaces)
    }
}
