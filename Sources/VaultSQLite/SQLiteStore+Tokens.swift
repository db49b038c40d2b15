package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    package func token(service: String, name: String) async throws -> StoredToken? {
        try await self.read { try TokenRow.fetchOne(service: service, name: name, in: $0)?.token }
    }

    package func lookUp(_ token: TokenKey, for principal: Principal) async throws -> TokenLookup {
        try await self.lookups.lookUp(token, for: principal)
    }

    static func lookUp(_ token: TokenKey, for principal: Principal, in db: Database) throws -> TokenLookup {
        let resource = Resource.token(service: token.service, token: token.token)
        guard try self.permissions(of: principal, on: resource, in: db).isSuperset(of: .getToken) else {
            return .forbidden
        }
        let row = try TokenRow.fetchOne(service: token.service, name: token.token, in: db)
        return row.map { .found($0.token) } ?? .missing
    }

    package func tokens() async throws -> [StoredToken] {
        try await self.read { db in
            let sql = TokenRow.query + " ORDER BY service.name, token.name"
            return try Row.fetchAll(db, sql: sql).map { try TokenRow(row: $0).token }
        }
    }

    package func tokens(of service: String, after name: String, limit: Int) async throws -> [StoredToken] {
        try await self.read { db in
            let sql = TokenRow.query + " WHERE service.name = ? AND token.name > ? ORDER BY token.name LIMIT ?"
            let rows = try Row.fetchAll(db, sql: sql, arguments: [service, name, limit])
            return try rows.map { try TokenRow(row: $0).token }
        }
    }

    package func putToken(
        service: String,
        name: String,
        displayName: String?,
        returnURLs: [String]?,
        unsavedUntil: Date?
    ) async throws -> (token: StoredToken, isNew: Bool)? {
        try await self.write { [now = self.timestamp] db in
            guard let serviceID = try Self.serviceID(service, in: db) else {
                return nil
            }
            if try TokenRow.fetchOne(service: service, name: name, in: db) == nil {
                // Where nobody logs in any more, nothing else would make room.
                if self.quotas.tokens != nil { try Self.deleteUnsavedTokens(at: now, in: db) }
                try Self.checkRoom(for: .tokens, limit: self.quotas.tokens, in: db)
            }
            let isNew = try Self.makeToken(name, ofService: serviceID, at: now, in: db)
            try db.execute(
                sql: """
                    UPDATE token SET display_name = coalesce(?, display_name), return_urls = coalesce(?, return_urls),
                        unsaved_until = CASE WHEN ? OR unsaved_until IS NOT NULL THEN ? END
                    WHERE service_id = ? AND name = ?
                    """,
                arguments: [
                    displayName, try returnURLs.map { try Self.json($0) }, isNew, unsavedUntil.map { Self.seconds($0) },
                    serviceID, name,
                ]
            )
            return try TokenRow.fetchOne(service: service, name: name, in: db).map { ($0.token, isNew) }
        }
    }

    package func deleteToken(service: String, name: String) async throws -> Bool {
        try await self.write { try Self.deleteToken(service: service, name: name, in: $0) }
    }

    private static func deleteToken(service: String, name: String, in db: Database) throws -> Bool {
        try db.execute(
            sql: "DELETE FROM token WHERE name = ? AND service_id IN (SELECT id FROM service WHERE name = ?)",
            arguments: [name, service]
        )
        guard db.changesCount > 0 else {
            return false
        }
        try self.deletePolicies(below: .token(service: service, token: name), in: db)
        return true
    }

    /// Forgets tokens that were made for a login which nobody finished in time; a few at once, the oldest first.
    ///
    /// One whose login is under way stays until that has come to an end.
    static func deleteUnsavedTokens(at now: Int64, in db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT service.name AS service, token.name AS token
                FROM token JOIN service ON service.id = service_id
                WHERE unsaved_until <= ?
                    AND token.id NOT IN (SELECT token_id FROM pending_login WHERE expires_at > ?)
                    AND token.id NOT IN (SELECT token_id FROM pending_credential WHERE expires_at > ?)
                ORDER BY unsaved_until LIMIT 100
                """,
            arguments: [now, now, now]
        )
        for row in rows { _ = try self.deleteToken(service: row["service"], name: row["token"], in: db) }
    }

    /// True when there was none of that name.
    static func makeToken(_ name: String, ofService id: Int64, at now: Int64, in db: Database) throws -> Bool {
        try db.execute(
            sql: """
                INSERT INTO token (service_id, name, display_name, created_at) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """,
            arguments: [id, name, name, now]
        )
        return db.changesCount > 0
    }
}
