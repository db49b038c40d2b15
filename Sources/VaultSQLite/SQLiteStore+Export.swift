import Foundation
import GRDB
package import VaultCore

/// What came of taking tokens into a store: all of them, or none.
package enum TokenImport: Sendable, Hashable {
    case imported(Int)
    /// What keeps it from that, a sentence for each token.
    case refused([String])
}

extension SQLiteStore {
    /// Takes the tokens out that are to go to another store.
    ///
    /// Grants whose providers take no refresh token twice are ended here in the same transaction: such a token says `Exported`,
    /// and its refresh token is not sent any more. A backup of before counts as an old one from then on.
    ///
    /// - Parameters:
    ///   - names: Which; nil for all.
    ///   - repeats: Whether those are taken out once more that were moved before, as by an export that came to nothing.
    ///   - rotating: The services of those providers.
    ///   - sealer: Opens their credentials.
    ///   - entry: What the audit says of each, in the same transaction.
    /// - Returns: The tokens, those left out that have no grant that could be used elsewhere, and the versions that were ended.
    /// - Throws: ``StoreError/Code/unavailable`` when one of them is being renewed; ``SealerError``.
    package func exportTokens(
        _ names: [TokenKey]?,
        repeats: Bool = false,
        rotating: [String],
        sealer: CredentialSealer,
        entry: @escaping @Sendable (ExportedToken) -> AuditEntry
    ) async throws -> (tokens: [ExportedToken], leftOut: [TokenKey], ended: [TokenKey: Int64]) {
        let (tokens, leftOut, ended, armed) = try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            let rows =
                try names?.compactMap { try TokenRow.fetchOne(service: $0.service, name: $0.token, in: db) }
                ?? Row.fetchAll(db, sql: TokenRow.query + " ORDER BY service.name, token.name").map(TokenRow.init)
            var tokens: [ExportedToken] = []
            var leftOut: [TokenKey] = []
            var ended: [TokenKey: Int64] = [:]
            for row in rows {
                let key = TokenKey(service: row.token.service, token: row.token.name)
                let wasMoved = row.problem == .exported
                let isOver = wasMoved ? !repeats : row.problem?.endsGrant ?? false
                guard let sealed = row.token.credential, !isOver, !row.isRepointed else {
                    leftOut.append(key)
                    continue
                }
                guard try LeaseRow.fetch(ofToken: row.id, in: db).phase == .idle else {
                    throw StoreError(.unavailable, "The token \(key) is being renewed: try again in a moment.")
                }
                let credential = try keys.open(sealed)
                let isMoved = wasMoved || credential.refreshToken != nil && rotating.contains(key.service)
                if isMoved, !wasMoved {
                    try db.execute(
                        sql: "UPDATE token SET problem = ? WHERE id = ?",
                        arguments: [TokenProblem.exported.rawValue, row.id]
                    )
                    ended[key] = row.version
                }
                tokens.append(
                    ExportedToken(
                        service: key.service,
                        provider: try Self.provider(of: key.service, in: db),
                        name: key.token,
                        displayName: row.token.displayName,
                        returnURLs: row.token.returnURLs,
                        account: row.token.account,
                        credential: credential,
                        isMoved: isMoved
                    )
                )
            }
            try self.append(tokens.map(entry), at: now, in: db)
            return (tokens, leftOut, ended, ended.isEmpty ? nil : try Self.countArmed(in: db))
        }
        if let armed { try await self.raiseMarker(to: armed) }
        return (tokens, leftOut, ended)
    }

    private static func provider(of service: String, in db: Database) throws -> String {
        try String.fetchOne(db, sql: "SELECT provider FROM service WHERE name = ?", arguments: [service]) ?? ""
    }

    /// Uses the grants here again that were ended for an export that came to nothing, which the audit is told, too.
    package func undoExport(of ended: [TokenKey: Int64], entries: [AuditEntry]) async throws {
        try await self.write { [now = self.timestamp] db in
            try self.append(entries, at: now, in: db)
            for (key, version) in ended {
                try db.execute(
                    sql: """
                        UPDATE token SET problem = NULL WHERE problem = ? AND version = ? AND name = ?
                            AND service_id IN (SELECT id FROM service WHERE name = ?)
                        """,
                    arguments: [TokenProblem.exported.rawValue, version, key.token, key.service]
                )
            }
        }
    }

    /// Takes tokens in that another store gave out, and tells the audit of each, in one transaction.
    ///
    /// Their services have to be there, set up as they were: a refresh token goes nowhere but to where it came from. A token that
    /// has a credential keeps it unless `replaces` says otherwise, or it was exported from here.
    package func importTokens(
        _ tokens: [ExportedToken],
        replaces: Bool,
        sealer: CredentialSealer,
        entry: @escaping @Sendable (ExportedToken) -> AuditEntry
    ) async throws -> TokenImport {
        try await self.write(sealing: sealer) { [now = self.timestamp] db, keys in
            let complaints = try tokens.compactMap { try Self.complaint($0, replaces: replaces, in: db) }
            guard complaints.isEmpty else { return .refused(complaints) }
            for token in tokens {
                guard let service = try Self.serviceID(token.service, in: db) else { continue }
                _ = try Self.makeToken(token.name, ofService: service, at: now, in: db)
                try db.execute(
                    sql: "UPDATE token SET display_name = ?, return_urls = ? WHERE service_id = ? AND name = ?",
                    arguments: [token.displayName, try Self.json(token.returnURLs), service, token.name]
                )
                guard let row = try TokenRow.fetchOne(service: token.service, name: token.name, in: db) else {
                    continue
                }
                _ = try Self.store(
                    token.credential,
                    in: row,
                    account: token.account,
                    isImported: true,
                    keys: keys,
                    at: now,
                    db: db
                )
            }
            try self.append(tokens.map(entry), at: now, in: db)
            return .imported(tokens.count)
        }
    }

    private static func complaint(_ token: ExportedToken, replaces: Bool, in db: Database) throws -> String? {
        let sql = "SELECT provider, config_hash FROM service WHERE name = ?"
        guard let service = try Row.fetchOne(db, sql: sql, arguments: [token.service]) else {
            return "There is no service \(token.service), of the provider \(token.provider), for \(token.name)."
        }
        let hash = token.credential.configurationHash
        guard service["provider"] == token.provider, hash.isEmpty || service["config_hash"] == hash else {
            return "The service \(token.service) has another provider, client id or parameters than where "
                + "\(token.name) comes from."
        }
        let present = try TokenRow.fetchOne(service: token.service, name: token.name, in: db)
        guard let present, present.token.credential != nil, present.problem != .exported, !replaces else { return nil }
        return "The token \(token.service)/\(token.name) has a credential already."
    }
}
