import Foundation
import GRDB
import VaultCore

/// A token, its service's name and its credential, as one query fetches them.
struct TokenRow {
    /// In the order in which the query has them: a name would be looked for among all of them.
    private enum Column: Int, CaseIterable {
        case id, service, name, displayName, returnURLs, problem, accountSubject, accountLabel, createdAt, loggedInAt,
            version, shared
        case keyID, isBound, accessToken, refreshToken, extraValues, expiresOn, refreshExpiresOn, refreshDigest, scopes
        case configHash, isImported, updatedAt, serviceHash, counterKeyID, counter

        var expression: String {
            switch self {
            case .id: "token.id"
            case .service: "service.name AS service"
            case .name: "token.name"
            case .displayName: "token.display_name"
            case .returnURLs: "token.return_urls"
            case .problem: "token.problem"
            case .accountSubject: "token.account_subject"
            case .accountLabel: "token.account_label"
            case .createdAt: "token.created_at"
            case .loggedInAt: "token.logged_in_at"
            case .version: "token.version"
            case .shared: "token.shared"
            case .keyID: "credential.kid"
            case .isBound: "credential.is_bound"
            case .accessToken: "credential.access_token"
            case .refreshToken: "credential.refresh_token"
            case .extraValues: "credential.extra_values"
            case .expiresOn: "credential.expires_on"
            case .refreshExpiresOn: "credential.refresh_expires_on"
            case .refreshDigest: "credential.refresh_digest"
            case .scopes: "credential.scopes"
            case .configHash: "credential.config_hash"
            case .isImported: "credential.is_imported"
            case .updatedAt: "credential.updated_at"
            case .serviceHash: "service.config_hash AS service_hash"
            case .counterKeyID: "credential_counter.kid AS counter_kid"
            case .counter: "credential_counter.sealed AS counter"
            }
        }
    }

    static let query = """
        SELECT \(Column.allCases.map(\.expression).joined(separator: ", "))
        FROM token
        JOIN service ON service.id = token.service_id
        LEFT JOIN credential ON credential.token_id = token.id
        LEFT JOIN credential_counter ON credential_counter.token_id = token.id
        """
    private static let queryByName = Self.query + " WHERE service.name = ? AND token.name = ?"

    let id: Int64
    let version: Int64
    let token: StoredToken
    let standing: TokenStanding
    /// Whether its refresh token came another way than by a login.
    let isImported: Bool
    /// When its credential was stored, in seconds since 1970.
    let storedAt: Int64?

    static func fetchOne(service: String, name: String, in db: Database) throws -> TokenRow? {
        var row: TokenRow?
        try PreparedStatement(self.queryByName, in: db).run(
            setArguments: {
                try $0.set(1, service)
                try $0.set(2, name)
            },
            row: { row = try TokenRow($0) }
        )
        return row
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

    init(row: Row) throws {
        try self.init(row)
    }

    /// - Throws: ``StoreError/Code/failed`` where a column that is never null is; an error of the decoder for a list that is none.
    private init(_ row: borrowing some ColumnValues & ~Copyable) throws {
        func text(_ column: Column) throws -> String { try Self.value(row.text(column.rawValue)) }
        func integer(_ column: Column) throws -> Int64 { try Self.value(row.integer(column.rawValue)) }
        func date(_ column: Column) -> Date? {
            row.integer(column.rawValue).map { Date(timeIntervalSince1970: TimeInterval($0)) }
        }
        self.id = try integer(.id)
        self.version = try integer(.version)
        self.isImported = row.integer(Column.isImported.rawValue) ?? 0 != 0
        self.storedAt = row.integer(Column.updatedAt.rawValue)
        self.standing = TokenStanding(
            problem: row.text(Column.problem.rawValue),
            credential: row.text(Column.configHash.rawValue) ?? "",
            service: try text(.serviceHash)
        )
        let (service, name) = (try text(.service), try text(.name))
        self.token = StoredToken(
            service: service,
            name: name,
            displayName: try text(.displayName),
            returnURLs: try SQLiteStore.list(text(.returnURLs)),
            problem: self.standing.shown,
            account: row.text(Column.accountSubject.rawValue).map {
                Account(subject: $0, label: row.text(Column.accountLabel.rawValue) ?? "")
            },
            createdOn: date(.createdAt) ?? .distantPast,
            loggedInOn: date(.loggedInAt),
            credential: try Self.credential(row, service: service, token: name, version: self.version),
            isShared: row.text(Column.shared.rawValue) != nil
        )
    }

    private static func value<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw StoreError(.failed, "A row of a token lacks what no row lacks.") }
        return value
    }

    private static func credential(
        _ row: borrowing some ColumnValues & ~Copyable,
        service: String,
        token: String,
        version: Int64
    ) throws -> SealedCredential? {
        func sealed(_ column: Column) -> SealedValue? {
            row.blob(column.rawValue).map(SealedValue.init(column:))
        }
        guard let keyID = row.text(Column.keyID.rawValue), let accessToken = sealed(.accessToken) else { return nil }
        return SealedCredential(
            place: SealedCredential.Place(
                service: service,
                token: token,
                version: version,
                expiresOn: row.integer(Column.expiresOn.rawValue),
                refreshExpiresOn: row.integer(Column.refreshExpiresOn.rawValue),
                configurationHash: row.text(Column.configHash.rawValue) ?? "",
                binding: SealedCredential.Binding(rawValue: Int(row.integer(Column.isBound.rawValue) ?? -1)) ?? .counted
            ),
            keyID: keyID,
            accessToken: accessToken,
            refreshToken: sealed(.refreshToken),
            extraValues: sealed(.extraValues),
            refreshDigest: row.blob(Column.refreshDigest.rawValue),
            scopes: try row.text(Column.scopes.rawValue).map(SQLiteStore.list),
            counter: try sealed(.counter).map {
                SealedCredential.Counter(keyID: try Self.value(row.text(Column.counterKeyID.rawValue)), sealed: $0)
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
