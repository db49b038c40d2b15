import Foundation
import VaultCore

extension PostgresStore {
    /// Writes what has to be sealed, with the data key that is the newest for as long as the transaction lasts.
    ///
    /// So nothing is sealed with an older one after a new one was made, whichever process made it, and an old one can be
    /// removed once nothing is left that is sealed with it.
    func write<Result: Sendable>(
        sealing sealer: CredentialSealer,
        within patience: Duration? = nil,
        _ body: @escaping @Sendable (PostgresTransaction, DataKeys) throws -> Result
    ) async throws -> Result {
        while true {
            let keys = sealer.keys
            let result: Result? = try await self.database.write(within: patience, sealing: true) { db in
                guard db.newestDataKey == keys.currentKeyID else { return nil }
                do {
                    return try body(db, keys)
                } catch SealerError.unknownKey {
                    // Whoever knows the newest knows all that the store has.
                    throw SealerError.damaged
                }
            }
            if let result { return result }
            try Task.checkCancellation()
            try await sealer.reload()
        }
    }
}

extension SealedField {
    /// The place of something that belongs to a token.
    init(kind: Kind, of token: TokenKey, version: Int64) {
        self.init(service: token.service, token: token.token, kind: kind, version: version)
    }
}

extension SealedValue {
    /// What lies in a column; bytes that cannot be a sealed value do not open, and say so there.
    init(column bytes: Data) {
        self = SealedValue(combined: bytes) ?? SealedValue(nonce: Data(), ciphertext: Data())
    }
}
