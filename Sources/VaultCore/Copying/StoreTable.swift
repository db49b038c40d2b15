/// A table that goes along when a store is moved to another database; every database of a store has it by these names.
package struct StoreTable: Sendable, Hashable {
    package let name: String
    package let columns: [String]
    /// Columns that tell rows apart, and in whose order they are read.
    package let key: [String]
    /// Whether an identity column gives the next row its number.
    package let isNumbered: Bool

    init(_ name: String, _ columns: [String], key: [String]? = nil, isNumbered: Bool = false) {
        self.name = name
        self.columns = columns
        self.key = key ?? [columns[0]]
        self.isNumbered = isNumbered
    }

    /// Where the columns of the key are among all of them.
    var keyIndices: [Int] { self.key.compactMap { self.columns.firstIndex(of: $0) } }
}

extension StoreTable {
    /// Every table whose rows go along, those that others refer to first.
    ///
    /// What holds for one machine or one process stays behind: who has a lease and until when, the name beside the database, whose
    /// chain of the audit is whose. Whether a refresh token may have been used goes along, and so does an answer that nobody has
    /// read yet.
    package static let all = [
        StoreTable(
            "store",
            [
                "id", "name", "key_check_nonce", "key_check_ciphertext", "created_at", "last_version", "return_urls",
                "wrapped_key", "wrapping_key", "armed", "chained_after", "set_asides",
            ]
        ),
        StoreTable("dek", ["id", "kid", "nonce", "ciphertext", "created_at", "first_version"], isNumbered: true),
        StoreTable(
            "service",
            [
                "id", "name", "provider", "created_at", "display_name", "client_id", "scopes", "parameters",
                "token_parameters", "return_urls", "config_hash", "changed_at",
            ],
            isNumbered: true
        ),
        StoreTable("service_secret", ["version", "service_id", "kid", "sealed", "created_at"]),
        StoreTable(
            "token",
            [
                "id", "service_id", "name", "display_name", "created_at", "return_urls", "problem", "account_subject",
                "account_label", "version", "logged_in_at", "unsaved_until", "shared", "set_aside",
            ],
            isNumbered: true
        ),
        StoreTable(
            "credential",
            [
                "token_id", "kid", "is_bound", "access_token", "refresh_token", "extra_values", "expires_on",
                "refresh_expires_on", "refresh_digest", "scopes", "config_hash", "is_imported", "updated_at",
            ]
        ),
        StoreTable("credential_counter", ["token_id", "kid", "sealed"]),
        StoreTable(
            "renewal",
            [
                "token_id", "epoch", "phase", "version", "presented_digest", "lost_answers", "failures", "answer",
                "answer_kid", "answer_version",
            ]
        ),
        StoreTable("quarantine", ["version", "service", "token", "kid", "sealed", "created_at"]),
        StoreTable(
            "pending_login",
            [
                "state_hash", "token_id", "cookie_hash", "return_url", "redirect_uri", "config_hash", "version", "kid",
                "sealed", "expires_at",
            ]
        ),
        StoreTable(
            "pending_credential",
            [
                "code_hash", "token_id", "account_subject", "account_label", "version", "kid", "sealed", "expires_at",
            ]
        ),
        StoreTable(
            "access_policy",
            ["id", "resource", "name", "tenant_id", "object_id", "permissions", "created_at"],
            isNumbered: true
        ),
        StoreTable(
            "audit",
            [
                "id", "at", "tenant_id", "object_id", "action", "service", "token", "outcome", "detail", "request",
                "chain", "seq", "mac",
            ],
            isNumbered: true
        ),
        StoreTable("audit_key", ["id", "version", "kid", "sealed", "first_id"]),
        // Nobody's: who writes next goes on with the first of them.
        StoreTable("audit_chain", ["id", "seq", "mac"]),
        StoreTable(
            "audit_checkpoint",
            ["chain", "first_seq", "last_seq", "before_mac", "after_mac", "mac"],
            key: ["chain", "first_seq"]
        ),
        StoreTable("webhook", ["due_at", "id", "body", "failures"], key: ["due_at", "id"]),
        StoreTable("webhook_said", ["once", "expires_at"]),
    ]
}
