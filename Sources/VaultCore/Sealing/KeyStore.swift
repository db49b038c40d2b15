/// The store's own row, and its keys.
package protocol KeyStore: Sendable {
    /// The row of the store; nil as long as none was made.
    func record() async throws -> StoreRecord?
    /// The wrapped data keys, the oldest first.
    func dataKeys() async throws -> [DataKeyRecord]
    /// Makes the store and its first data key; false when there is one already.
    func create(name: String, keyEncryptionKey: KeyEncryptionKey) async throws -> Bool
}

extension KeyStore {
    /// Unwraps the keys of this store.
    ///
    /// - Throws: ``SealerError``.
    package func sealer(keyEncryptionKey: KeyEncryptionKey) async throws -> CredentialSealer {
        guard let record = try await self.record() else {
            throw SealerError.damaged
        }
        return try CredentialSealer(
            store: record,
            dataKeys: try await self.dataKeys(),
            keyEncryptionKey: keyEncryptionKey
        )
    }
}
