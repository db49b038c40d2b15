package import Foundation
package import VaultCore

extension PostgresStore {
    package func addPendingCredential(_ pending: PendingCredential, sealer: CredentialSealer) async throws -> Bool {
        // Made here, where it is known which request it is about.
        let entry = AuditEntry(kept: pending)
        return try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            guard let row = try TokenRow.fetchOne(service: pending.service, name: pending.token, in: db) else {
                return false
            }
            let version = try Self.nextVersion(in: db)
            let field = PendingCredential.field(
                service: pending.service,
                token: pending.token,
                codeHash: pending.codeHash,
                account: pending.account,
                version: version
            )
            let sealed = try keys.seal(Self.json(pending.credential), as: field)
            try db.execute(
                """
                INSERT INTO pending_credential (
                    code_hash, token_id, account_subject, account_label, version, kid, sealed, expires_at
                ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    pending.codeHash, row.id, pending.account?.subject, pending.account?.label, version,
                    keys.currentKeyID, sealed.combined, Self.seconds(pending.expiresOn),
                ]
            )
            try self.append([entry], at: now, in: db)
            return true
        }
    }

    package func redeemCode(
        hash: Data,
        service: String,
        token: String,
        allowAccountChange: Bool,
        by principal: Principal,
        now: Date,
        sealer: CredentialSealer
    ) async throws -> CodeRedemption {
        let request = RequestIdentifier.current
        return try await self.write(sealing: sealer) { db, keys in
            let pending = try PendingCode.fetch(hash, service: service, token: token, now: now, in: db)
            let redemption =
                try pending.map {
                    try Self.redeem($0, allowAccountChange: allowAccountChange, now: now, keys: keys, in: db)
                } ?? .unknownCode
            try self.note(pending?.rules.event(of: redemption), at: Self.seconds(now), in: db)
            let entry = AuditEntry(
                redemption,
                account: pending?.code.account,
                service: service,
                token: token,
                by: principal,
                request: request
            )
            try self.append([entry], at: Self.seconds(now), in: db)
            return redemption
        }
    }

    private static func redeem(
        _ pending: PendingCode,
        allowAccountChange: Bool,
        now: Date,
        keys: DataKeys,
        in db: PostgresTransaction
    ) throws -> CodeRedemption {
        if let refusal = pending.rules.refusal(allowsAccountChange: allowAccountChange) { return refusal }
        let target = pending.target
        let new = try pending.code.credential(of: target.token, keys: keys)
        try db.execute("DELETE FROM pending_credential WHERE code_hash = $1", [pending.code.hash])
        let hash: String? = try db.value(
            "SELECT config_hash AS value FROM service WHERE name = $1",
            [target.token.service]
        )
        let credential = pending.rules.credential(from: new, configurationHash: hash) { try? keys.open($0) }
        guard let credential else { return .serviceChanged }
        let version = try Self.store(
            credential,
            in: target,
            account: pending.code.account,
            isImported: false,
            keys: keys,
            at: Self.seconds(now),
            db: db
        )
        return .saved(version)
    }
}
