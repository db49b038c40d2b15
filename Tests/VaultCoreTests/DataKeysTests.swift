import Crypto
import Foundation
import Testing
import VaultTestSupport

@testable import VaultCore

struct DataKeysTests {
    private static let field = SealedField(service: "dropbox", token: "sample", kind: .accessToken, version: 1)

    private let key = KeyEncryptionKey()

    private func makeStore(_ name: String = "test", key: KeyEncryptionKey) throws -> StoreRecord {
        let check = try DataKeys.makeKeyCheck(store: name, keyEncryptionKey: key)
        return StoreRecord(name: name, keyCheck: check)
    }

    private func makeKeys() throws -> DataKeys {
        try DataKeys(
            store: self.makeStore(key: self.key),
            dataKeys: [DataKeys.makeDataKey(store: "test", keyEncryptionKey: self.key)],
            keyEncryptionKey: self.key
        )
    }

    @Test(arguments: ["", "secret", "\u{1F511}", String(repeating: "x", count: 65536)])
    func whatIsSealedOpens(secret: String) throws {
        let keys = try self.makeKeys()
        let sealed = try keys.seal(secret, as: Self.field)
        #expect(try keys.open(sealed, keyID: keys.currentKeyID, as: Self.field) == secret)
        #expect(sealed.nonce.count == 12)
        #expect(sealed.ciphertext.count == secret.utf8.count + 16)
    }

    @Test func theSameSecretIsNeverSealedTheSame() throws {
        let keys = try self.makeKeys()
        let sealed = try (1...100).map { _ in try keys.seal("secret", as: Self.field) }
        #expect(Set(sealed.map(\.nonce)).count == 100)
        #expect(Set(sealed.map(\.ciphertext)).count == 100)
    }

    @Test func aChangeOfAnyByteIsNoticed() throws {
        let keys = try self.makeKeys()
        let sealed = try keys.seal("secret", as: Self.field)
        var variants: [SealedValue] = []
        for index in sealed.nonce.indices {
            var nonce = sealed.nonce
            nonce[index] ^= 1
            variants.append(SealedValue(nonce: nonce, ciphertext: sealed.ciphertext))
        }
        for index in sealed.ciphertext.indices {
            var ciphertext = sealed.ciphertext
            ciphertext[index] ^= 0x80
            variants.append(SealedValue(nonce: sealed.nonce, ciphertext: ciphertext))
        }
        for length in 0..<sealed.ciphertext.count {
            variants.append(SealedValue(nonce: sealed.nonce, ciphertext: sealed.ciphertext.prefix(length)))
        }
        variants.append(SealedValue(nonce: Data(), ciphertext: sealed.ciphertext))
        variants.append(SealedValue(nonce: sealed.nonce, ciphertext: sealed.ciphertext + [0]))
        for variant in variants {
            #expect(throws: SealerError.damaged) {
                try keys.open(variant, keyID: keys.currentKeyID, as: Self.field)
            }
        }
    }

    @Test(arguments: [
        SealedField(service: "dropbox", token: "other", kind: .accessToken, version: 1),
        SealedField(service: "other", token: "sample", kind: .accessToken, version: 1),
        SealedField(service: "dropbox", token: "sample", kind: .accessToken, version: 2),
        SealedField(service: "dropboxs", token: "ample", kind: .accessToken, version: 1),
    ])
    func aValueThatWasMovedDoesNotOpen(field: SealedField) throws {
        let keys = try self.makeKeys()
        let sealed = try keys.seal("secret", as: Self.field)
        #expect(throws: SealerError.damaged) {
            try keys.open(sealed, keyID: keys.currentKeyID, as: field)
        }
    }

    @Test func anotherDataKeyDoesNotOpenIt() throws {
        let dataKeys = try (1...2).map { _ in
            try DataKeys.makeDataKey(store: "test", keyEncryptionKey: self.key)
        }
        let store = try self.makeStore(key: self.key)
        let old = try DataKeys(store: store, dataKeys: [dataKeys[0]], keyEncryptionKey: self.key)
        let keys = try DataKeys(store: store, dataKeys: dataKeys, keyEncryptionKey: self.key)
        let sealed = try old.seal("secret", as: Self.field)
        #expect(keys.currentKeyID == dataKeys[1].kid)
        #expect(try keys.open(sealed, keyID: dataKeys[0].kid, as: Self.field) == "secret")
        for (keyID, error) in [(dataKeys[1].kid, SealerError.damaged), ("unknown", .unknownKey)] {
            #expect(throws: error) {
                try keys.open(sealed, keyID: keyID, as: Self.field)
            }
        }
    }

    @Test func aDataKeyUnderAnotherNameDoesNotUnwrap() throws {
        let dataKey = try DataKeys.makeDataKey(store: "test", keyEncryptionKey: self.key)
        let renamed = DataKeyRecord(kid: "other", wrapped: dataKey.wrapped)
        #expect(throws: SealerError.damaged) {
            try DataKeys(
                store: self.makeStore(key: self.key),
                dataKeys: [renamed],
                keyEncryptionKey: self.key
            )
        }
    }

    @Test func theWrongKeyIsNoticedAtOnce() throws {
        let store = try self.makeStore(key: self.key)
        let dataKey = try DataKeys.makeDataKey(store: "test", keyEncryptionKey: self.key)
        #expect(throws: SealerError.wrongKey) {
            try DataKeys(store: store, dataKeys: [dataKey], keyEncryptionKey: KeyEncryptionKey())
        }
    }

    @Test func aStoreWithoutDataKeysIsNotTakenForAnEmptyOne() throws {
        #expect(throws: SealerError.damaged) {
            try DataKeys(store: self.makeStore(key: self.key), dataKeys: [], keyEncryptionKey: self.key)
        }
    }

    @Test func differentPartsNeverGiveTheSameBytes() {
        let lists = [["a", "bc"], ["ab", "c"], ["abc"], ["", "abc"], ["abc", ""], ["a", "b", "c"], []]
        #expect(Set(lists.map(LengthPrefixed.encode)).count == lists.count)
    }

    @Test func noKeyIsPrinted() throws {
        let keys = try self.makeKeys()
        let digits = String(decoding: self.key.hexadecimal, as: UTF8.self).dropLast()
        for value in [self.key as Any, keys as Any] {
            var dumped = ""
            dump(value, to: &dumped)
            #expect(!dumped.contains(digits))
            #expect(!dumped.contains("SymmetricKey"))
            #expect("\(value)" == "<redacted>")
            #expect(String(reflecting: value) == "<redacted>")
        }
    }
}
