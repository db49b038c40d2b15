import Locking

/// Seals and opens with the data keys that a store has now.
///
/// Another process may give the store a new data key at any time. Who writes finds that out in the transaction, who reads when
/// something does not open, and both ask for the keys once more, so that a vault that serves need not be started again.
package final class CredentialSealer: Sendable {
    private struct State {
        var keys: DataKeys
        var keyEncryptionKey: KeyEncryptionKey
    }

    /// What a store has: its own row, and its data keys, wrapped.
    package typealias Records = (store: StoreRecord, dataKeys: [DataKeyRecord])

    private let state: Mutex<State>
    private let records: @Sendable () async throws -> Records
    /// Reads the key encryption key once more, where it can have been replaced.
    private let rereadKey: (@Sendable () async throws -> KeyEncryptionKey)?

    /// Takes the keys of a store as they are now, and where to get those of later.
    package init(
        keys: DataKeys,
        keyEncryptionKey: KeyEncryptionKey,
        rereadKey: (@Sendable () async throws -> KeyEncryptionKey)? = nil,
        records: @escaping @Sendable () async throws -> Records
    ) {
        self.state = Mutex(State(keys: keys, keyEncryptionKey: keyEncryptionKey))
        self.records = records
        self.rereadKey = rereadKey
    }

    /// The keys that are known here.
    package var keys: DataKeys { self.state.withLock { $0.keys } }

    package var keyEncryptionKey: KeyEncryptionKey { self.state.withLock { $0.keyEncryptionKey } }

    /// Gets the data keys that the store has by now; those that it has no more stay known.
    ///
    /// Keys that were wrapped with another key encryption key meanwhile are no trouble as long as all of them are known.
    ///
    /// - Throws: ``StoreError/Code/unavailable`` when they are not, ``SealerError/damaged``, and what the store throws.
    package func reload() async throws {
        let present = try await self.records()
        var key = self.keyEncryptionKey
        if let rereadKey, (try? DataKeys.check(present.store, keyEncryptionKey: key)) == nil,
            let other = try? await rereadKey()
        {
            key = other
        }
        do {
            let keys = try DataKeys(store: present.store, dataKeys: present.dataKeys, keyEncryptionKey: key)
            self.state.withLock { [key] state in
                state.keys = keys.including(state.keys)
                state.keyEncryptionKey = key
            }
        } catch SealerError.wrongKey {
            guard self.keys.covers(present.dataKeys) else {
                throw StoreError(
                    .unavailable,
                    "The store's data keys were wrapped with another key, and a new one has come since: set the key that "
                        + "`token-vault key rewrap` was given, and start the vault again."
                )
            }
        }
    }

    /// Opens something, and tries once more with the keys that the store has by then when it does not know one.
    ///
    /// - Throws: What the body throws, and what ``reload()`` does; a key that the store does not have either is
    ///   ``SealerError/damaged``.
    nonisolated(nonsending) package func open<Result>(_ body: (DataKeys) throws -> Result) async throws -> Result {
        do {
            return try body(self.keys)
        } catch SealerError.unknownKey {
            try await self.reload()
        }
        do {
            return try body(self.keys)
        } catch SealerError.unknownKey {
            throw SealerError.damaged
        }
    }

    /// - Throws: ``SealerError/damaged``, and what ``reload()`` does.
    nonisolated(nonsending) package func open(_ sealed: SealedCredential) async throws -> Credential {
        try await self.open { try $0.open(sealed) }
    }

    /// - Throws: ``SealerError/damaged``, also for an older credential in the place of the latest; what ``reload()`` does.
    nonisolated(nonsending) package func openAccessToken(of sealed: SealedCredential) async throws -> String {
        try await self.open { try $0.openAccessToken(of: sealed) }
    }

    /// - Throws: ``SealerError/damaged``, and what ``reload()`` does.
    nonisolated(nonsending) package func open(_ secret: StoredClientSecret) async throws -> String {
        try await self.open { try secret.open(with: $0) }
    }

    /// A new data key for this store, wrapped as its others are.
    package func makeDataKey() throws -> DataKeyRecord {
        let state = self.state.withLock { $0 }
        return try DataKeys.makeDataKey(store: state.keys.store, keyEncryptionKey: state.keyEncryptionKey)
    }
}

extension CredentialSealer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
