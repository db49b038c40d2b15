import Foundation
import GRDB
import VaultCore

/// A token, its service's name and its credential, as one query fetches them.
struct TokenRow {
    static let query = """
        SELECT token.id, service.name AS service, token.name, token.display_name, token.return_urls, token.problem,
            token.account_subject, token.account_label, token.created_at, token.logged_in_at, token.version,
            credential.kid, credential.is_bound, credential.access_token, credential.refresh_token,
            credential.extra_values, credential.expires_on, credential.refresh_expires_on, credential.refresh_digest,
            credential.scopes, credential.config_hash, credential.is_imported, credential.updated_at,
            service.config_hash AS service_hash, credential_counter.kid AS counter_kid,
            credential_counter.sealed AS counter
        FROM token
        JOIN service ON service.id = token.service_id
        LEFT JOIN credential ON credential.token_id = token.id
        LEFT JOIN credential_counter ON credential_counter.token_id = token.id
        """

    let id: Int64
    let version: Int64
    let token: StoredToken
    /// What is wrong with it as it is stored, whatever became of its service.
    let problem: TokenProblem?
    /// Whether its service points elsewhere than when its credential was got.
    let isRepointed: Bool
    /// Whether its refresh token came another way than by a login.
    let isImported: Bool
    /// When its credential was stored, in seconds since 1970.
    let storedAt: Int64?

    static func fetchOne(service: String, name: String, in db: Database) throws -> TokenRow? {
        let statement = try db.cachedStatement(sql: self.query + " WHERE service.name = ? AND token.name = ?")
        return try Row.fetchOne(statement, arguments: [service, name]).map(TokenRow.init)
    }

    init(row: Row) throws {
        self.id = row["id"]
        self.version = row["version"]
        self.isImported = row["is_imported"] ?? false
        self.storedAt = row["updated_at"]
        let returnURLs: String = row["return_urls"]
        let hash: String = row["config_hash"] ?? ""
        self.isRepointed = !hash.isEmpty && hash != row["service_hash"]
        // A word of a newer version still means that something is wrong.
        let problem = (row["problem"] as String?).map { TokenProblem(rawValue: $0) ?? .unauthenticated }
        self.problem = problem
        self.token = StoredToken(
            service: row["service"],
            name: row["name"],
            displayName: row["display_name"],
            returnURLs: try JSONDecoder().decode([String].self, from: Data(returnURLs.utf8)),
            problem: self.isRepointed && !(problem?.endsGrant ?? false) ? .serviceChanged : problem,
            account: (row["account_subject"] as String?).map {
                Account(subject: $0, label: row["account_label"] ?? "")
            },
            createdOn: Date(timeIntervalSince1970: TimeInterval(row["created_at"] as Int64)),
            loggedInOn: (row["logged_in_at"] as Int64?).map { Date(timeIntervalSince1970: TimeInterval($0)) },
            credential: try Self.credential(row)
        )
    }

    private static func credential(_ row: Row) throws -> SealedCredential? {
        guard let keyID: String = row["kid"], let accessToken: Data = row["access_token"] else {
            return nil
        }
        let scopes: String? = row["scopes"]
        return SealedCredential(
            place: SealedCredential.Place(
                service: row["service"],
                token: row["name"],
                version: row["version"],
                expiresOn: row["expires_on"],
                refreshExpiresOn: row["refresh_expires_on"],
                configurationHash: row["config_hash"] ?? "",
                binding: SealedCredential.Binding(rawValue: row["is_bound"] ?? -1) ?? .counted
            ),
            keyID: keyID,
            accessToken: SealedValue(column: accessToken),
            refreshToken: (row["refresh_token"] as Data?).map(SealedValue.init(column:)),
            extraValues: (row["extra_values"] as Data?).map(SealedValue.init(column:)),
            refreshDigest: row["refresh_digest"],
            scopes: try scopes.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) },
            counter: (row["counter"] as Data?).map {
                SealedCredential.Counter(keyID: row["counter_kid"], sealed: SealedValue(column: $0))
            }
        )
    }
}

extension SealedValue {
    /// What lies in a column; bytes that cannot be a sealed value do not open, and say so there.
    init(column bytes: Data) {
        self = SealedValue(combined: bytes) ?? SealedValue(nonce: Data(), ciphertext: Data())
    }
}
