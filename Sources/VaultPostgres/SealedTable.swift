import Foundation
import VaultCore

/// Where a table holds sealed values, and what each was sealed for.
struct SealedTable: Sendable {
    let name: String
    /// The column by which a row is named, and its type.
    var primaryKey = (name: "token_id", type: "bigint")
    var keyColumn = "kid"
    /// With one data key for all of them in a row; those that may be NULL too.
    let columns: [String]
    /// What the places of the values are made of, beside the columns of the table itself, which are named `sealed_table`.
    var selection = "NULL AS unused"
    /// The tables that those come from.
    var joins = ""
    /// The tables of a row that nobody may change while it is sealed again: its place must be the one that was read.
    var locked = "sealed_table"
    /// Whether a row that does not open is of no use to anybody, so that it must not keep a data key.
    var isDroppedUnreadable = false
    /// The places of the columns.
    let fields: @Sendable (PostgresRow) throws -> [SealedField]

    /// Every table that holds something sealed with a data key: `dek` may be referred to from nowhere else.
    static let all: [SealedTable] = [
        .credentials, .counters, .clientSecrets, .answers, .quarantine, .logins, .pendingCredentials, .auditKey,
    ]

    /// The next rows whose values are not sealed with a key, as `row_key`, `key_id` and what the places are made of.
    func rows(
        notSealedWith keyID: String,
        after position: PostgresValue,
        limit: Int,
        in db: PostgresTransaction
    ) throws -> [PostgresRow] {
        let key = self.primaryKey
        return try db.rows(
            """
            SELECT sealed_table.\(key.name) AS row_key, sealed_table.\(self.keyColumn) AS key_id, sealed_table.*,
                \(self.selection)
            FROM \(self.name) AS sealed_table \(self.joins)
            WHERE ($1::\(key.type) IS NULL OR sealed_table.\(key.name) > $1) AND sealed_table.\(self.keyColumn) <> $2
            ORDER BY sealed_table.\(key.name) LIMIT $3 FOR NO KEY UPDATE OF \(self.locked)
            """,
            [position, keyID, limit]
        )
    }

    /// What names a row.
    func position(of row: PostgresRow) throws -> PostgresValue {
        self.primaryKey.type == "bytea" ? .bytes(try row["row_key"]) : .int(try row["row_key"])
    }

    private static let ofToken =
        "JOIN token ON token.id = sealed_table.token_id JOIN service ON service.id = token.service_id"
    private static let names = "service.name AS service, token.name AS token"

    private static let credentials = SealedTable(
        name: "credential",
        columns: ["access_token", "refresh_token", "extra_values"],
        selection: "\(Self.names), token.version AS version",
        joins: Self.ofToken,
        locked: "sealed_table, token"
    ) { row in
        let place = SealedCredential.Place(
            service: try row["service"],
            token: try row["token"],
            version: try row["version"],
            expiresOn: try row["expires_on"],
            refreshExpiresOn: try row["refresh_expires_on"],
            configurationHash: try row["config_hash"],
            binding: SealedCredential.Binding(rawValue: try row["is_bound"]) ?? .counted
        )
        return [place.field(.accessToken), place.field(.refreshToken), place.field(.extraValues)]
    }

    private static let counters = SealedTable(
        name: "credential_counter",
        columns: ["sealed"],
        selection: "\(Self.names), token.version AS version",
        joins: Self.ofToken,
        locked: "sealed_table, token"
    ) { row in
        [
            SealedField(
                service: try row["service"],
                token: try row["token"],
                kind: .latestVersion,
                version: try row["version"]
            )
        ]
    }

    private static let clientSecrets = SealedTable(
        name: "service_secret",
        primaryKey: ("version", "bigint"),
        columns: ["sealed"],
        selection: "service.name AS service",
        joins: "JOIN service ON service.id = sealed_table.service_id"
    ) { row in
        [StoredClientSecret.field(service: try row["service"], version: try row["version"])]
    }

    private static let answers = SealedTable(
        name: "renewal",
        keyColumn: "answer_kid",
        columns: ["answer"],
        selection: Self.names,
        joins: Self.ofToken
    ) { row in
        [try Self.answer(row, version: "answer_version")]
    }

    private static let quarantine = SealedTable(
        name: "quarantine",
        primaryKey: ("version", "bigint"),
        columns: ["sealed"],
        isDroppedUnreadable: true
    ) { row in
        [try Self.answer(row, version: "version")]
    }

    private static func answer(_ row: PostgresRow, version: String) throws -> SealedField {
        SealedField(
            service: try row["service"],
            token: try row["token"],
            kind: .rawAnswer,
            version: try row[version]
        )
    }

    private static let logins = SealedTable(
        name: "pending_login",
        primaryKey: ("state_hash", "bytea"),
        columns: ["sealed"],
        selection: Self.names,
        joins: Self.ofToken
    ) { row in
        [try PostgresStore.loginField(row)]
    }

    private static let pendingCredentials = SealedTable(
        name: "pending_credential",
        primaryKey: ("code_hash", "bytea"),
        columns: ["sealed"],
        selection: Self.names,
        joins: Self.ofToken
    ) { row in
        [
            PendingCredential.field(
                service: try row["service"],
                token: try row["token"],
                codeHash: try row["code_hash"],
                account: try Account(row),
                version: try row["version"]
            )
        ]
    }

    private static let auditKey = SealedTable(
        name: "audit_key",
        primaryKey: ("id", "bigint"),
        columns: ["sealed"]
    ) { row in
        [try SealedAuditKey(row).field]
    }
}
