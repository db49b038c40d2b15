import Crypto
import Foundation
import Testing
import VaultTestSupport

@testable import VaultCore

struct CredentialSealerTests {
    private static let field = SealedField(service: "dropbox", token: "sample", kind: .accessToken, version: 1)

    private let key = KeyEncryptionKey()

    private func makeStore(_ name: String = "test", key: KeyEncryptionKey) throws -> StoreRecord {
        let check = try CredentialSealer.makeKeyCheck(store: name, keyEncryptionKey: key)
        return StoreRecord(name: name, keyCheck: check)
    }

    private func makeSealer() throws -> CredentialSealer {
        try CredentialSealer(
            store: self.makeStore(key: self.key),
            dataKeys: [CredentialSealer.makeDataKey(store: "test", keyEncryptionKey: self.key)],
            keyEncryptionKey: self.key
        )
    }

    @Test(arguments: ["", "secret", "\u{1F511}", String(repeating: "x", count: 65536)])
    func whatIsSealedOpens(secret: String) throws {
        let sealer = try self.makeSealer()
        let sealed = try sealer.seal(secret, as: Self.field)
        #expect(try sealer.open(sealed, keyID: sealer.currentKeyID, as: Self.field) == secret)
        #expect(sealed.nonce.count == 12)
        #expect(sealed.ciphertext.count == secret.utf8.count + 16)
    }

    @Test func theSameSecretIsNeverSealedTheSame() throws {
        let sealer = try self.makeSealer()
        let sealed = try (1...100).map { _ in try sealer.seal("secret", as: Self.field) }
        #expect(Set(sealed.map(\.nonce)).count == 100)
        #expect(Set(sealed.map(\.ciphertext)).count == 100)
    }

    @Test func aChangeOfAnyByteIsNoticed() throws {
        let sealer = try self.makeSealer()
        let sealed = try sealer.seal("secret", as: Self.field)
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
                try sealer.open(variant, keyID: sealer.currentKeyID, as: Self.field)
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
        let sealer = try self.makeSealer()
        let sealed = try sealer.seal("secret", as: Self.field)
        #expect(throws: SealerError.damaged) {
            try sealer.open(sealed, keyID: sealer.currentKeyID, as: field)
        }
    }

    @Test func anotherDataKeyDoesNotOpenIt() throws {
        let dataKeys = try (1...2).map { _ in
            try CredentialSealer.makeDataKey(store: "test", keyEncryptionKey: self.key)
        }
        let store = try self.makeStore(key: self.key)
        let old = try CredentialSealer(store: store, dataKeys: [dataKeys[0]], keyEncryptionKey: self.key)
        let sealer = try CredentialSealer(store: store, dataKeys: dataKeys, keyEncryptionKey: self.key)
        let sealed = try old.seal("secret", as: Self.field)
        #expect(sealer.currentKeyID == dataKeys[1].kid)
        #expect(try sealer.open(sealed, keyID: dataKeys[0].kid, as: Self.field) == "secret")
        for keyID in [dataKeys[1].kid, "unknown"] {
            #expect(throws: SealerError.damaged) {
                try sealer.open(sealed, keyID: keyID, as: Self.field)
            }
        }
    }

    @Test func aDataKeyUnderAnotherNameDoesNotUnwrap() throws {
        let dataKey = try CredentialSealer.makeDataKey(store: "test", keyEncryptionKey: self.key)
        let renamed = DataKeyRecord(kid: "other", wrapped: dataKey.wrapped)
        #expect(throws: SealerError.damaged) {
            try CredentialSealer(
                store: self.makeStore(key: self.key),
                dataKeys: [renamed],
                keyEncryptionKey: self.key
            )
        }
    }

    @Test func theWrongKeyIsNoticedAtOnce() throws {
        let store = try self.makeStore(key: self.key)
        let dataKey = try CredentialSealer.makeDataKey(store: "test", keyEncryptionKey: self.key)
        #expect(throws: SealerError.wrongKey) {
            try CredentialSealer(store: store, dataKeys: [dataKey], keyEncryptionKey: KeyEncryptionKey())
        }
    }

    @Test func aStoreWithoutDataKeysIsNotTakenForAnEmptyOne() throws {
        #expect(throws: SealerError.damaged) {
            try CredentialSealer(store: self.makeStore(key: self.key), dataKeys: [], keyEncryptionKey: self.key)
        }
    }

    @Test func differentPartsNeverGiveTheSameBytes() {
        let lists = [["a", "bc"], ["ab", "c"], ["abc"], ["", "abc"], ["abc", ""], ["a", "b", "c"], []]
        #expect(Set(lists.map(LengthPrefixed.encode)).count == lists.count)
    }

    @Test func noKeyIsPrinted() throws {
        let sealer = try self.makeSealer()
        let digits = String(decoding: self.key.hexadecimal, as: UTF8.self).dropLast()
        for value in [self.key as Any, sealer as Any] {
            var dumped = ""
            dump(value, to: &dumped)
            #expect(!dumped.contains(digits))
            #expect(!dumped.contains("SymmetricKey"))
            #expect("\(value)" == "<redacted>")
            #expect(String(reflecting: value) == "<redacted>")
        }
    }
}
