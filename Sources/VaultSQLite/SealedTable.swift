import Foundation
import GRDB
import VaultCore

/// Where a table holds sealed values, and what each was sealed for.
struct SealedTable: Sendable {
    let name: String
    let keyColumn: String
    /// With one data key for all of them in a row; those that may be NULL too.
    let columns: [String]
    /// What the places of the values are made of, beside the columns of the table itself, which are named `sealed_table`.
    private let selection: String
    /// Whether a row that does not open is of no use to anybody, so that it must not keep a data key.
    var isDroppedUnreadable = false
    /// The places of the columns.
    let fields: @Sendable (Row) throws -> [SealedField]

    /// Every table that holds something sealed with a data key: `dek` may be referred to from nowhere else.
    static let all: [SealedTable] = [
        .credentials, .counters, .clientSecrets, .answers, .quarantine, .logins, .pendingCredentials, .auditKey,
    ]

    /// The next rows whose values are not sealed with a key, as `row_id`, `key_id` and what the places are made of.
    func rows(notSealedWith keyID: String, after id: Int64, limit: Int, in db: Database) throws -> [Row] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT sealed_table.rowid AS row_id, sealed_table.\(self.keyColumn) AS key_id, sealed_table.*, \(self.selection)
                WHERE sealed_table.rowid > ? AND sealed_table.\(self.keyColumn) <> ? ORDER BY sealed_table.rowid LIMIT ?
                """,
            arguments: [id, keyID, limit]
        )
    }

    private static let ofToken =
        "JOIN token ON token.id = sealed_table.token_id JOIN service ON service.id = token.service_id"

    private static let credentials = SealedTable(
        name: "credential",
        keyColumn: "kid",
        columns: ["access_token", "refresh_token", "extra_values"],
        selection: """
            service.name AS service, token.name AS token, token.version AS version
            FROM credential AS sealed_table \(ofToken)
            """
    ) { row in
        let place = SealedCredential.Place(
            service: row["service"],
            token: row["token"],
            version: row["version"],
            expiresOn: row["expires_on"],
            refreshExpiresOn: row["refresh_expires_on"],
            configurationHash: row["config_hash"],
            binding: SealedCredential.Binding(rawValue: row["is_bound"]) ?? .counted
        )
        return [place.field(.accessToken), place.field(.refreshToken), place.field(.extraValues)]
    }

    private static let counters = SealedTable(
        name: "credential_counter",
        keyColumn: "kid",
        columns: ["sealed"],
        selection: """
            service.name AS service, token.name AS token, token.version AS version
            FROM credential_counter AS sealed_table \(ofToken)
            """
    ) { row in
        [SealedField(service: row["service"], token: row["token"], kind: .latestVersion, version: row["version"])]
    }

    private static let clientSecrets = SealedTable(
        name: "service_secret",
        keyColumn: "kid",
        columns: ["sealed"],
        selection: """
            service.name AS service FROM service_secret AS sealed_table
            JOIN service ON service.id = sealed_table.service_id
            """
    ) { row in
        [StoredClientSecret.field(service: row["service"], version: row["version"])]
    }

    private static let answers = SealedTable(
        name: "renewal",
        keyColumn: "answer_kid",
        columns: ["answer"],
        selection: "service.name AS service, token.name AS token FROM renewal AS sealed_table \(ofToken)"
    ) { row in
        [SealedField(service: row["service"], token: row["token"], kind: .rawAnswer, version: row["answer_version"])]
    }

    private static let quarantine = SealedTable(
        name: "quarantine",
        keyColumn: "kid",
        columns: ["sealed"],
        selection: "NULL AS unused FROM quarantine AS sealed_table",
        isDroppedUnreadable: true
    ) { row in
        [SealedField(service: row["service"], token: row["token"], kind: .rawAnswer, version: row["version"])]
    }

    private static let logins = SealedTable(
        name: "pending_login",
        keyColumn: "kid",
        columns: ["sealed"],
        selection: "service.name AS service, token.name AS token FROM pending_login AS sealed_table \(ofToken)"
    ) { row in
        [SQLiteStore.loginField(row)]
    }

    private static let pendingCredentials = SealedTable(
        name: "pending_credential",
        keyColumn: "kid",
        columns: ["sealed"],
        selection: "service.name AS service, token.name AS token FROM pending_credential AS sealed_table \(ofToken)"
    ) { row in
        [
            PendingCredential.field(
                service: row["service"],
                token: row["token"],
                codeHash: row["code_hash"],
                account: (row["account_subject"] as String?).map {
                    Account(subject: $0, label: row["account_label"] ?? "")
                },
                version: row["version"]
            )
        ]
    }

    private static let auditKey = SealedTable(
        name: "audit_key",
        keyColumn: "kid",
        columns: ["sealed"],
        selection: "NULL AS unused FROM audit_key AS sealed_table"
    ) { row in
        [SealedAuditKey(row: row).field]
    }
}
