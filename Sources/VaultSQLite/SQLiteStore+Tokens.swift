package import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// The token with its access token, sealed; nil when there is no such token or service.
    package func token(service: String, name: String) async throws -> StoredToken? {
        try await self.read { db in
            let sql = Self.tokenQuery + " WHERE service.name = ? AND token.name = ?"
            return try TokenRow.fetchOne(db, sql: sql, arguments: [service, name])?.token
        }
    }

    /// All tokens, by service and name.
    package func tokens() async throws -> [StoredToken] {
        try await self.read { db in
            try TokenRow.fetchAll(db, sql: Self.tokenQuery + " ORDER BY service.name, token.name").map(\.token)
        }
    }

    /// Stores an access token in place of the one before, and makes the token if it is new.
    ///
    /// - Returns: The version of the credential; nil when there is no such service.
    package func saveAccessToken(
        _ accessToken: String,
        expiresOn: Date?,
        service: String,
        token: String,
        sealer: CredentialSealer
    ) async throws -> Int64? {
        try await self.write { [now = self.timestamp] db in
            let serviceID = try Int64.fetchOne(db, sql: "SELECT id FROM service WHERE name = ?", arguments: [service])
            guard let serviceID else {
                return nil
            }
            try db.execute(
                sql: """
                    INSERT INTO token (service_id, name, display_name, created_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [serviceID, token, token, now]
            )
            let previous = try TokenRow.fetchOne(
                db,
                sql: Self.tokenQuery + " WHERE service.name = ? AND token.name = ?",
                arguments: [service, token]
            )
            let version = (previous?.version ?? 0) + 1
            let field = SealedField(service: service, token: token, kind: .accessToken, version: version)
            let sealed = try sealer.seal(accessToken, as: field)
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO credential
                        (token_id, field, version, kid, nonce, ciphertext, expires_on, updated_at)
                    SELECT id, ?, ?, ?, ?, ?, ?, ? FROM token WHERE service_id = ? AND name = ?
                    """,
                arguments: [
                    field.kind.rawValue, version, sealer.currentKeyID, sealed.nonce, sealed.ciphertext,
                    expiresOn.map { Int64($0.timeIntervalSince1970.rounded(.down)) }, now, serviceID, token,
                ]
            )
            return version
        }
    }

    /// Forgets a token and its credential.
    ///
    /// - Returns: False when there was none.
    package func deleteToken(service: String, name: String) async throws -> Bool {
        try await self.write { db in
            try db.execute(
                sql: "DELETE FROM token WHERE name = ? AND service_id IN (SELECT id FROM service WHERE name = ?)",
                arguments: [name, service]
            )
            return db.changesCount > 0
        }
    }

    private static let tokenQuery = """
        SELECT service.name AS service, token.name AS name, token.display_name AS displayName,
            credential.version, credential.kid, credential.nonce, credential.ciphertext,
            credential.expires_on AS expiresOn
        FROM token
        JOIN service ON service.id = token.service_id
        LEFT JOIN credential ON credential.token_id = token.id AND credential.field = '\(SealedField.Kind.accessToken)'
        """
}

private struct TokenRow: Decodable, FetchableRecord {
    let service: String
    let name: String
    let displayName: String
    let version: Int64?
    let kid: String?
    let nonce: Data?
    let ciphertext: Data?
    let expiresOn: Int64?

    var token: StoredToken {
        StoredToken(service: self.service, name: self.name, displayName: self.displayName, credential: self.credential)
    }

    private var credential: StoredToken.Credential? {
        guard let version, let kid, let nonce, let ciphertext else {
            return nil
        }
        return StoredToken.Credential(
            field: SealedField(service: self.service, token: self.name, kind: .accessToken, version: version),
            keyID: kid,
            sealed: SealedValue(nonce: nonce, ciphertext: ciphertext),
            expiresOn: self.expiresOn.map { Date(timeIntervalSince1970: TimeInterval($0)) }
        )
    }
}
