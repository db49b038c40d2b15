import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct RewrapTests {
    private static let entry = AuditEntry(principal: .vault, action: .rewrapKey, outcome: .allowed)

    @Test func afterwardsTheNewKeyOpensEverythingAndTheOldOneNothing() async throws {
        let sample = try await SealedStoreSample()
        let old = try sample.files.keyEncryptionKey()
        let next = KeyEncryptionKey()
        _ = try await KeyRotation(store: sample.store, sealer: sample.sealer, journal: nil).begin()
        let before = try await sample.store.dataKeys()
        #expect(before.count == 2)
        try await sample.store.rewrap(from: old, to: next, wrapping: nil, entry: Self.entry)
        await #expect(throws: SealerError.wrongKey) { try await sample.store.sealer(keyEncryptionKey: old) }
        // Not even what lies in the files from before can be unwrapped.
        let bytes = try sample.files.directory.contents()
        for key in before {
            #expect(bytes.range(of: key.ciphertext) == nil)
            #expect(bytes.range(of: key.nonce) == nil)
        }
        let sealer = try await sample.store.sealer(keyEncryptionKey: next)
        #expect(try await sample.complaints(with: sealer).isEmpty)
    }

    @Test func aKeyThatDoesNotFitChangesNothing() async throws {
        let sample = try await SealedStoreSample()
        let before = try await sample.store.dataKeys().map(\.ciphertext)
        await #expect(throws: SealerError.wrongKey) {
            try await sample.store.rewrap(
                from: KeyEncryptionKey(),
                to: KeyEncryptionKey(),
                wrapping: nil,
                entry: Self.entry
            )
        }
        #expect(try await sample.store.dataKeys().map(\.ciphertext) == before)
        let sealer = try await sample.store.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
        #expect(try await sample.complaints(with: sealer).isEmpty)
    }

    /// All keys or none: nobody could open a store that two keys share.
    @Test func oneDamagedKeyKeepsAllAsTheyAre() async throws {
        let sample = try await SealedStoreSample()
        _ = try await KeyRotation(store: sample.store, sealer: sample.sealer, journal: nil).begin()
        try await sample.store.pool.write {
            try $0.execute(sql: "UPDATE dek SET nonce = zeroblob(12) WHERE id = (SELECT max(id) FROM dek)")
        }
        let before = try await sample.store.dataKeys().map(\.ciphertext)
        await #expect(throws: SealerError.damaged) {
            try await sample.store.rewrap(
                from: sample.files.keyEncryptionKey(),
                to: KeyEncryptionKey(),
                wrapping: nil,
                entry: Self.entry
            )
        }
        #expect(try await sample.store.dataKeys().map(\.ciphertext) == before)
    }

    @Test func aVaultThatReadsItsKeyOnceMoreTakesTheNewOne() async throws {
        let sample = try await SealedStoreSample()
        let next = KeyEncryptionKey()
        let present = Box(try sample.files.keyEncryptionKey())
        let vault = try await sample.store.sealer(keyEncryptionKey: present.value) { present.value }
        try await sample.store.rewrap(from: present.value, to: next, wrapping: nil, entry: Self.entry)
        present.withLock { $0 = next }
        let other = try await sample.store.sealer(keyEncryptionKey: next)
        let key = try await KeyRotation(store: sample.store, sealer: other, journal: nil).begin()
        try await vault.reload()
        #expect(vault.keys.currentKeyID == key)
        #expect(try await sample.complaints(with: vault).isEmpty)
    }
}
