import Foundation
import VaultCore

extension PostgresStore {
    /// Writes what comes along with a change of a lease; notes are written together, in the end.
    func perform(
        _ write: RenewalWrite,
        on row: TokenRow,
        keys: DataKeys,
        at now: Int64,
        in db: PostgresTransaction
    ) throws {
        let token = TokenKey(service: row.token.service, token: row.token.name)
        switch write {
        case .replaceCredential(let credential):
            guard let present = row.token.credential else { return }
            let merged = try credential.keepingRefreshToken(of: keys.open(present))
            _ = try Self.store(merged, in: row, keys: keys, at: now, db: db)
        case .keepAnswer(let answer):
            let version = try Self.nextVersion(in: db)
            let sealed = try keys.seal(answer, as: SealedField(kind: .rawAnswer, of: token, version: version))
            try db.execute(
                "UPDATE renewal SET answer = $1, answer_kid = $2, answer_version = $3 WHERE token_id = $4",
                [sealed.combined, keys.currentKeyID, version, row.id]
            )
        case .forgetAnswer:
            try Self.forgetAnswer(ofToken: row.id, in: db)
        case .quarantine(let answer):
            let version = try Self.nextVersion(in: db)
            let sealed = try keys.seal(answer, as: SealedField(kind: .rawAnswer, of: token, version: version))
            try db.execute(
                """
                INSERT INTO quarantine (version, service, token, kid, sealed, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                [version, token.service, token.token, keys.currentKeyID, sealed.combined, now]
            )
        case .quarantineKeptAnswer:
            // As it is sealed: its place is the token and its number, and not the table.
            try db.execute(
                """
                INSERT INTO quarantine (version, service, token, kid, sealed, created_at)
                SELECT answer_version, $1::text, $2::text, answer_kid, answer, $3::bigint FROM renewal
                WHERE token_id = $4 AND answer IS NOT NULL
                """,
                [token.service, token.token, now, row.id]
            )
            try Self.forgetAnswer(ofToken: row.id, in: db)
        case .note: break
        }
    }

    private static func forgetAnswer(ofToken id: Int64, in db: PostgresTransaction) throws {
        try db.execute(
            "UPDATE renewal SET answer = NULL, answer_kid = NULL, answer_version = NULL WHERE token_id = $1",
            [id]
        )
    }
}
