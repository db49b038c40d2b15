import Foundation
import VaultCore

/// A token, its service's name and its credential, as one query fetches them.
struct TokenRow {
    static let columns = """
        token.id, service.name AS service, token.name, token.display_name, token.return_urls, token.problem,
        token.account_subject, token.account_label, token.created_at, token.logged_in_at, token.version, token.shared,
        credential.kid, credential.is_bound, credential.access_token, credential.refresh_token,
        credential.extra_values, credential.expires_on, credential.refresh_expires_on, credential.refresh_digest,
        credential.scopes, credential.config_hash, credential.is_imported, credential.updated_at,
        service.config_hash AS service_hash, credential_counter.kid AS counter_kid,
        credential_counter.sealed AS counter
        """

    static let tables = """
        FROM token
        JOIN service ON service.id = token.service_id
        LEFT JOIN credential ON credential.token_id = token.id
        LEFT JOIN credential_counter ON credential_counter.token_id = token.id
        """

    static let query = "SELECT \(Self.columns) \(Self.tables)"

    let id: Int64
    let version: Int64
    let token: StoredToken
    let standing: TokenStanding
    /// Whether its refresh token came another way than by a login.
    let isImported: Bool
    /// When its credential was stored, in seconds since 1970.
    let storedAt: Int64?

    static func fetchOne(service: String, name: String, in db: PostgresTransaction) throws -> TokenRow? {
        try db.row(self.query + " WHERE service.name = $1 AND token.name = $2", [service, name]).map(TokenRow.init)
    }

    /// The same for whoever is about to change it: nobody else does until the transaction ends.
    ///
    /// The lock is a statement of its own, so that what is read is what the one before has left.
    static func lockOne(service: String, name: String, in db: PostgresTransaction) throws -> TokenRow? {
        try self.isLocked(service: service, name: name, in: db)
            ? try self.fetchOne(service: service, name: name, in: db) : nil
    }

    /// Locks a token; false when there is none.
    static func isLocked(service: String, name: String, in db: PostgresTransaction) throws -> Bool {
        try db.exists(
            """
            SELECT 1 FROM token WHERE name = $2 AND service_id = (SELECT id FROM service WHERE name = $1)
            FOR NO KEY UPDATE
            """,
            [service, name]
        )
    }

    /// As the rules of its renewal see it; nil when it has no credential.
    func renewal(_ lease: RenewalLease) -> RenewalRow? {
        RenewalRow(
            self.token,
            version: self.version,
            standing: self.standing,
            isImported: self.isImported,
            storedAt: self.storedAt,
            lease: lease
        )
    }

    init(_ row: PostgresRow) throws {
        self.id = try row["id"]
        self.version = try row["version"]
        self.isImported = try row["is_imported"] ?? false
        self.storedAt = try row["updated_at"]
        self.standing = TokenStanding(
            problem: try row["problem"],
            credential: try row["config_hash"] ?? "",
            service: try row["service_hash"]
        )
        self.token = StoredToken(
            service: try row["service"],
            name: try row["name"],
            displayName: try row["display_name"],
            returnURLs: try PostgresStore.value(ofJSON: row["return_urls"]),
            problem: self.standing.shown,
            account: try Account(row),
            createdOn: PostgresStore.date(try row["created_at"]),
            loggedInOn: try (row["logged_in_at"] as Int64?).map(PostgresStore.date),
            credential: try Self.credential(row),
            isShared: try (row["shared"] as String?) != nil
        )
    }

    private static func credential(_ row: PostgresRow) throws -> SealedCredential? {
        guard let keyID = try row["kid"] as String?, let accessToken = try row["access_token"] as Data? else {
            return nil
        }
        return SealedCredential(
            place: SealedCredential.Place(
                service: try row["service"],
                token: try row["name"],
                version: try row["version"],
                expiresOn: try row["expires_on"],
                refreshExpiresOn: try row["refresh_expires_on"],
                configurationHash: try row["config_hash"] ?? "",
                binding: SealedCredential.Binding(rawValue: try row["is_bound"] ?? -1) ?? .counted
            ),
            keyID: keyID,
            accessToken: SealedValue(column: accessToken),
            refreshToken: try (row["refresh_token"] as Data?).map(SealedValue.init(column:)),
            extraValues: try (row["extra_values"] as Data?).map(SealedValue.init(column:)),
            refreshDigest: try row["refresh_digest"],
            scopes: try (row["scopes"] as String?).map { try PostgresStore.value(ofJSON: $0) },
            counter: try (row["counter"] as Data?).map {
                SealedCredential.Counter(keyID: try row["counter_kid"], sealed: SealedValue(column: $0))
            }
        )
    }
}

extension Account {
    /// The account of a row that has one.
    init?(_ row: PostgresRow) throws {
        guard let subject = try row["account_subject"] as String? else { return nil }
        self.init(subject: subject, label: try row["account_label"] ?? "")
    }
}
