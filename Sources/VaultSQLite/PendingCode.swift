import Foundation
import GRDB
import VaultCore

/// What waits for a `save`: the row of a code, and the token that it is for.
struct PendingCode {
    let hash: Data
    let target: TokenRow
    let account: Account?
    private let version: Int64
    private let keyID: String
    private let sealed: SealedValue

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
        return PendingCode(
            hash: hash,
            target: target,
            account: (row["account_subject"] as String?).map {
                Account(subject: $0, label: row["account_label"] ?? "")
            },
            version: row["version"],
            keyID: row["kid"],
            sealed: SealedValue(column: row["sealed"])
        )
    }

    /// - Throws: ``SealerError``.
    func credential(keys: DataKeys) throws -> Credential {
        let field = PendingCredential.field(
            service: self.target.token.service,
            token: self.target.token.name,
            codeHash: self.hash,
            account: self.account,
            version: self.version
        )
        let text = try keys.open(self.sealed, keyID: self.keyID, as: field)
        guard let credential = try? JSONDecoder().decode(Credential.self, from: Data(text.utf8)) else {
            throw SealerError.damaged
        }
        return credential
    }
}
