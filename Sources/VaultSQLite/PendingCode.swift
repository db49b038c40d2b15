import Foundation
import GRDB
import VaultCore

/// What waits for a `save`: the row of a code, and the token that it is for.
struct PendingCode {
    let target: TokenRow
    let code: SealedPendingCode

    /// Nil when there is no such code for this token, or its time is over.
    static func fetch(
        _ hash: Data,
        service: String,
        token: String,
        now: Date,
        in db: Database
    ) throws -> PendingCode? {
        guard let target = try TokenRow.fetchOne(service: service, name: token, in: db),
            let row = try Row.fetchOne(
                db,
                sql: "SELECT * FROM pending_credential WHERE code_hash = ? AND token_id = ? AND expires_at > ?",
                arguments: [hash, target.id, SQLiteStore.seconds(now)]
            )
        else {
            return nil
        }
        let code = SealedPendingCode(
            hash: hash,
            account: (row["account_subject"] as String?).map {
                Account(subject: $0, label: row["account_label"] ?? "")
            },
            version: row["version"],
            keyID: row["kid"],
            sealed: SealedValue(column: row["sealed"])
        )
        return PendingCode(target: target, code: code)
    }

    var rules: CodeRules { CodeRules(token: self.target.token, account: self.code.account) }
}
