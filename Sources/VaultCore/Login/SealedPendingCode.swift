package import Foundation

/// A code that waits for its `save`, as a store has it: what the login gave is still sealed.
package struct SealedPendingCode: Sendable {
    package let hash: Data
    package let account: Account?
    private let version: Int64
    private let keyID: String
    private let sealed: SealedValue

    package init(hash: Data, account: Account?, version: Int64, keyID: String, sealed: SealedValue) {
        self.hash = hash
        self.account = account
        self.version = version
        self.keyID = keyID
        self.sealed = sealed
    }

    /// What the login gave, for the token that it was for.
    ///
    /// - Throws: ``SealerError``.
    package func credential(of token: StoredToken, keys: DataKeys) throws -> Credential {
        let field = PendingCredential.field(
            service: token.service,
            token: token.name,
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
