import GRDB
import VaultCore

extension SQLiteStore {
    /// Writes what has to be sealed, with the data key that is the newest in that very transaction.
    ///
    /// So nothing is sealed with an older one after a new one was made, whichever process made it, and an old one can be
    /// removed once nothing is left that is sealed with it.
    func write<Result: Sendable>(
        sealing sealer: CredentialSealer,
        withLittleRoom: Bool = false,
        _ body: @escaping @Sendable (Database, DataKeys) throws -> Result
    ) async throws -> Result {
        while true {
            let keys = sealer.keys
            let attempt: @Sendable (Database) throws -> Result? = { db in
                guard try Self.newestDataKey(in: db) == keys.currentKeyID else { return nil }
                do {
                    return try body(db, keys)
                } catch SealerError.unknownKey {
                    // Whoever knows the newest knows all that the store has.
                    throw SealerError.damaged
                }
            }
            let result =
                withLittleRoom ? try await self.writeWithLittleRoom(attempt) : try await self.write(attempt)
            if let result { return result }
            try Task.checkCancellation()
            try await sealer.reload()
        }
    }

    static func newestDataKey(in db: Database) throws -> String? {
        try String.fetchOne(db.cachedStatement(sql: "SELECT kid FROM dek ORDER BY id DESC LIMIT 1"))
    }
}

extension SealedField {
    /// The place of something that belongs to a token.
    init(kind: Kind, of token: TokenKey, version: Int64) {
        self.init(service: token.service, token: token.token, kind: kind, version: version)
    }
}
