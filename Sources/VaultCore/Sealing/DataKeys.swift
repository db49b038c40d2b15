import Crypto
package import Foundation

/// The data keys of one store as they were at one moment: what seals and opens.
///
/// A data key is random, and lies in the database wrapped by the key of the key file: a copy of the database alone
/// opens nothing, and changing the key file does not mean encrypting every credential again.
package struct DataKeys: Sendable {
    /// The data key that new values are sealed with: the newest.
    package let currentKeyID: String
    package let store: String
    private let keys: [String: SymmetricKey]

    /// Unwraps the data keys of a store.
    ///
    /// - Throws: ``SealerError``. It never starts with fewer keys than the store has: that would look like an empty store.
    package init(store: StoreRecord, dataKeys: [DataKeyRecord], keyEncryptionKey: KeyEncryptionKey) throws {
        guard let current = dataKeys.last else {
            throw SealerError.damaged
        }
        try Self.check(store, keyEncryptionKey: keyEncryptionKey)
        var unwrapped: [String: SymmetricKey] = [:]
        for record in dataKeys {
            let context = Self.dataKeyContext(store: store.name, keyID: record.kid)
            guard
                let bytes = try? record.wrapped.open(key: keyEncryptionKey.key, authenticating: context),
                bytes.count == KeyEncryptionKey.size
            else {
                throw SealerError.damaged
            }
            unwrapped[record.kid] = SymmetricKey(data: bytes)
        }
        self.store = store.name
        self.currentKeyID = current.kid
        self.keys = unwrapped
    }

    private init(_ newer: Self, and older: Self) {
        self.store = newer.store
        self.currentKeyID = newer.currentKeyID
        self.keys = newer.keys.merging(older.keys) { newer, _ in newer }
    }

    /// With the keys that were known before: what was read before a key was removed still has to open.
    func including(_ older: Self) -> Self { Self(self, and: older) }

    /// Whether these are all of the keys that a store has.
    func covers(_ records: [DataKeyRecord]) -> Bool {
        records.last?.kid == self.currentKeyID && records.allSatisfy { self.keys[$0.kid] != nil }
    }

    /// Finds out whether a key is the one that a store was made with.
    ///
    /// - Throws: ``SealerError/wrongKey``.
    package static func check(_ store: StoreRecord, keyEncryptionKey: KeyEncryptionKey) throws {
        let context = self.keyCheckContext(store: store.name)
        guard (try? store.keyCheck.open(key: keyEncryptionKey.key, authenticating: context)) != nil else {
            throw SealerError.wrongKey
        }
    }

    /// The value by which a store knows its key again; there is nothing in it, only its tag counts.
    package static func makeKeyCheck(store: String, keyEncryptionKey: KeyEncryptionKey) throws -> SealedValue {
        let context = self.keyCheckContext(store: store)
        return try SealedValue(sealing: Data(), key: keyEncryptionKey.key, authenticating: context)
    }

    /// A new data key for a store, wrapped.
    package static func makeDataKey(store: String, keyEncryptionKey: KeyEncryptionKey) throws -> DataKeyRecord {
        let keyID = UUID().uuidString.lowercased()
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        let context = self.dataKeyContext(store: store, keyID: keyID)
        let wrapped = try SealedValue(sealing: bytes, key: keyEncryptionKey.key, authenticating: context)
        return DataKeyRecord(kid: keyID, wrapped: wrapped)
    }

    /// Data keys, wrapped with another key than before.
    ///
    /// - Throws: ``SealerError/wrongKey``, ``SealerError/damaged`` when one does not open.
    package static func rewrap(
        _ records: [DataKeyRecord],
        of store: StoreRecord,
        from present: KeyEncryptionKey,
        to next: KeyEncryptionKey
    ) throws -> [DataKeyRecord] {
        try self.check(store, keyEncryptionKey: present)
        return try records.map { record in
            let context = self.dataKeyContext(store: store.name, keyID: record.kid)
            guard let bytes = try? record.wrapped.open(key: present.key, authenticating: context) else {
                throw SealerError.damaged
            }
            let wrapped = try SealedValue(sealing: bytes, key: next.key, authenticating: context)
            return DataKeyRecord(kid: record.kid, wrapped: wrapped)
        }
    }

    /// Seals a value with the current data key.
    package func seal(_ plaintext: String, as field: SealedField) throws -> SealedValue {
        try self.seal(Data(plaintext.utf8), as: field)
    }

    package func seal(_ plaintext: Data, as field: SealedField) throws -> SealedValue {
        guard let key = self.keys[self.currentKeyID] else {
            throw SealerError.damaged
        }
        let context = self.context(of: field, keyID: self.currentKeyID)
        return try SealedValue(sealing: plaintext, key: key, authenticating: context)
    }

    /// Opens a value that was sealed for exactly this place.
    ///
    /// - Throws: ``SealerError/damaged`` when it was not, or was changed since; ``SealerError/unknownKey``.
    package func open(_ value: SealedValue, keyID: String, as field: SealedField) throws -> String {
        try self.open(value, keyID: keyID, authenticating: self.context(of: field, keyID: keyID))
    }

    /// Opens an access token as it was sealed before its expiry was part of its place.
    func openUnbound(_ value: SealedValue, keyID: String, as field: SealedField) throws -> String {
        try self.open(value, keyID: keyID, authenticating: self.unboundContext(of: field, keyID: keyID))
    }

    /// Seals once more, with the newest key, what lies in its place under another one.
    ///
    /// - Throws: ``SealerError``.
    package func reseal(_ value: SealedValue, keyID: String, as field: SealedField) throws -> SealedValue {
        try self.seal(self.openBytes(value, keyID: keyID, as: field), as: field)
    }

    /// As ``open(_:keyID:as:)``, for what need not be text.
    package func openBytes(_ value: SealedValue, keyID: String, as field: SealedField) throws -> Data {
        try self.openBytes(value, keyID: keyID, authenticating: self.context(of: field, keyID: keyID))
    }

    private func open(_ value: SealedValue, keyID: String, authenticating context: Data) throws -> String {
        let bytes = try self.openBytes(value, keyID: keyID, authenticating: context)
        guard let plaintext = String(validating: bytes, as: UTF8.self) else { throw SealerError.damaged }
        return plaintext
    }

    private func openBytes(_ value: SealedValue, keyID: String, authenticating context: Data) throws -> Data {
        guard let key = self.keys[keyID] else { throw SealerError.unknownKey }
        guard let bytes = try? value.open(key: key, authenticating: context) else { throw SealerError.damaged }
        return bytes
    }

    private func context(of field: SealedField, keyID: String) -> Data {
        LengthPrefixed.encode(
            ["field", self.store, field.service, field.token, field.kind.rawValue, String(field.version), keyID]
                + field.binding
        )
    }

    /// As versions before the third schema of the store made it.
    func unboundContext(of field: SealedField, keyID: String) -> Data {
        LengthPrefixed.encode([
            "credential", self.store, field.service, field.token, field.kind.rawValue, String(field.version), keyID,
        ])
    }

    private static func dataKeyContext(store: String, keyID: String) -> Data {
        LengthPrefixed.encode(["data key", store, keyID])
    }

    private static func keyCheckContext(store: String) -> Data {
        LengthPrefixed.encode(["key check", store])
    }
}

extension DataKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
