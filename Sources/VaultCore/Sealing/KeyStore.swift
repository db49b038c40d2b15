/// The store's own row, and its keys.
package protocol KeyStore: Sendable {
    /// The row of the store; nil as long as none was made.
    func record() async throws -> StoreRecord?
    /// The wrapped data keys, the oldest first.
    func dataKeys() async throws -> [DataKeyRecord]
    /// Makes the store and its first data key; false when there is one already.
    func create(name: String, keyEncryptionKey: KeyEncryptionKey) async throws -> Bool

    /// The data keys and what they are used for, the oldest first.
    func dataKeyUsage() async throws -> [DataKeyUsage]
    /// Gives the store a new data key, with which everything is sealed from then on; the audit says so in the same transaction.
    ///
    /// - Returns: False when the newest key is not the one that was named any more.
    /// - Throws: ``SealerError/wrongKey`` when the store's keys are wrapped with another key by now.
    func addDataKey(
        _ key: DataKeyRecord,
        after newest: String,
        keyEncryptionKey: KeyEncryptionKey,
        entry: AuditEntry
    ) async throws -> Bool
    /// Seals with the newest key what lies under older ones, a few values at a time, so that others get to read and write.
    ///
    /// - Returns: What became of it; what does not open is left as it is.
    func resealAll(sealer: CredentialSealer) async throws -> ResealCount
    /// Removes the data keys that nothing is sealed with, but for the newest and those that are named.
    ///
    /// - Returns: Their ids.
    func removeUnusedDataKeys(except named: Set<String>) async throws -> [String]
    /// Wraps all data keys with another key, and tells the audit, in one transaction.
    ///
    /// - Throws: ``SealerError``; then the store is as it was.
    func rewrap(
        from present: KeyEncryptionKey,
        to next: KeyEncryptionKey,
        wrapping: KeyWrapping?,
        entry: AuditEntry
    ) async throws
}

extension KeyStore {
    /// Unwraps the keys of this store.
    ///
    /// - Throws: ``SealerError``.
    package func sealer(
        keyEncryptionKey: KeyEncryptionKey,
        rereadKey: (@Sendable () async throws -> KeyEncryptionKey)? = nil
    ) async throws -> CredentialSealer {
        let records: @Sendable () async throws -> CredentialSealer.Records = {
            guard let record = try await self.record() else { throw SealerError.damaged }
            return (record, try await self.dataKeys())
        }
        let present = try await records()
        return CredentialSealer(
            keys: try DataKeys(
                store: present.store,
                dataKeys: present.dataKeys,
                keyEncryptionKey: keyEncryptionKey
            ),
            keyEncryptionKey: keyEncryptionKey,
            rereadKey: rereadKey,
            records: records
        )
    }
}
