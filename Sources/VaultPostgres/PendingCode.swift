import Foundation
import VaultCore

/// What waits for a `save`: the row of a code, and the token that it is for.
struct PendingCode {
    let target: TokenRow
    let code: SealedPendingCode

    /// Nil when there is no such code for this token, or its time is over; nobody else redeems it until the transaction ends.
    static func fetch(
        _ hash: Data,
        service: String,
        token: String,
        now: Date,
        in db: PostgresTransaction
    ) throws -> PendingCode? {
        guard let target = try TokenRow.lockOne(service: service, name: token, in: db),
            let row = try db.row(
                "SELECT * FROM pending_credential WHERE code_hash = $1 AND token_id = $2 AND expires_at > $3 FOR UPDATE",
                [hash, target.id, PostgresStore.seconds(now)]
            )
        else {
            return nil
        }
        let code = SealedPendingCode(
            hash: hash,
            account: try Account(row),
            version: try row["version"],
            keyID: try row["kid"],
            sealed: SealedValue(column: try row["sealed"])
        )
        return PendingCode(target: target, code: code)
    }

    var rules: CodeRules { CodeRules(token: self.target.token, account: self.code.account) }
}
