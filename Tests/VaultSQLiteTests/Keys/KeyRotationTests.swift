import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct KeyRotationTests {
    /// What a new table might be forgotten in.
    @Test func everyColumnThatNamesADataKeyIsSealedAgain() async throws {
        let sample = try await SealedStoreSample()
        let named = try await sample.store.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT master.name || '.' || "from" FROM sqlite_master AS master, pragma_foreign_key_list(master.name)
                    WHERE "table" = 'dek' ORDER BY 1
                    """
            )
        }
        #expect(named == SealedTable.all.map { "\($0.name).\($0.keyColumn)" }.sorted())
        let filled = try await sample.store.dataKeyUsage().map(\.values)
        #expect(filled == [SealedStoreSample.tokens.count * 4 + 5])
    }

    @Test func afterARotationEverythingOpensWithTheNewKeyAlone() async throws {
        let sample = try await SealedStoreSample()
        let old = try #require(try await sample.store.dataKeys().first)
        let rotation = KeyRotation(store: sample.store, sealer: sample.sealer, journal: nil)
        let key = try await rotation.begin()
        let report = try await rotation.finish()
        #expect(report.isFinished)
        #expect(report.removed == [old.kid])
        #expect(report.unreadable == [])
        let usage = try await sample.store.dataKeyUsage()
        #expect(usage.map(\.keyID) == [key])
        #expect(usage.first?.values == SealedStoreSample.tokens.count * 4 + 5)
        let fresh = try await sample.store.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
        #expect(try await sample.complaints(with: fresh).isEmpty)
        // Neither the key that was removed nor anything that it opens is left in a file.
        let bytes = try sample.files.directory.contents()
        #expect(bytes.range(of: old.ciphertext) == nil)
        #expect(bytes.range(of: Data(old.kid.utf8)) == nil)
    }

    @Test func aVaultThatKnowsTheOldKeyAloneGoesOn() async throws {
        let sample = try await SealedStoreSample()
        let other = try await sample.files.open()
        let stale = try await other.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
        let before = stale.keys.currentKeyID
        let read = try #require(
            try await other.token(service: SealedStoreSample.service, name: SealedStoreSample.tokens[0])?.credential
        )
        let rotation = KeyRotation(store: sample.store, sealer: sample.sealer, journal: nil)
        let key = try await rotation.begin()
        // Whoever writes takes the new key …
        _ = try await other.saveCredential(
            Credential(
                accessToken: "new of token-0",
                refreshToken: "refresh of token-0",
                extraValues: ["extra": "of token-0"]
            ),
            service: SealedStoreSample.service,
            token: SealedStoreSample.tokens[0],
            sealer: stale
        )
        #expect(stale.keys.currentKeyID == key)
        let reader = try await other.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
        #expect(try await rotation.finish().removed == [before])
        // … and whoever reads opens what is sealed with it, and what was read before.
        #expect(try await sample.complaints(with: reader).isEmpty)
        #expect(try await stale.openAccessToken(of: read) == "access of token-0")
    }

    @Test func aRotationThatWasLeftIsFinishedAndNotBegunAgain() async throws {
        let sample = try await SealedStoreSample()
        let key = try await KeyRotation(store: sample.store, sealer: sample.sealer, journal: nil).begin()
        let next = KeyRotation(
            store: sample.store,
            sealer: try await sample.store.sealer(keyEncryptionKey: sample.files.keyEncryptionKey()),
            journal: nil
        )
        let report = try await next.runIfDue(KeyRotationPolicy(), at: Date())
        #expect(report?.isFinished == true)
        #expect(try await sample.store.dataKeys().map(\.kid) == [key])
        #expect(try await next.runIfDue(KeyRotationPolicy(), at: Date()) == nil)
    }

    @Test func whatDoesNotOpenKeepsItsKey() async throws {
        let sample = try await SealedStoreSample()
        try await sample.store.pool.write {
            try $0.execute(sql: "UPDATE credential SET access_token = zeroblob(40) WHERE token_id = 1")
        }
        let rotation = KeyRotation(store: sample.store, sealer: sample.sealer, journal: nil)
        let old = sample.sealer.keys.currentKeyID
        _ = try await rotation.begin()
        let report = try await rotation.finish()
        #expect(report.unreadable == ["credential dropbox/token-0"])
        #expect(report.remaining == [old])
        #expect(
            try await sample.store.deleteToken(service: SealedStoreSample.service, name: SealedStoreSample.tokens[0])
        )
        #expect(try await rotation.finish().removed == [old])
    }

    @Test func aKeyIsNotMadeWithAKeyEncryptionKeyOfBefore() async throws {
        let sample = try await SealedStoreSample()
        let next = KeyEncryptionKey()
        try await sample.store.rewrap(
            from: sample.files.keyEncryptionKey(),
            to: next,
            wrapping: nil,
            entry: AuditEntry(principal: .vault, action: .rewrapKey, outcome: .allowed)
        )
        let rotation = KeyRotation(store: sample.store, sealer: sample.sealer, journal: nil)
        await #expect(throws: SealerError.wrongKey) { try await rotation.begin() }
        #expect(try await sample.store.dataKeys().count == 1)
        // It goes on with the keys that it has, until there is one that it cannot unwrap.
        #expect(try await sample.complaints(with: sample.sealer).isEmpty)
        let other = try await sample.store.sealer(keyEncryptionKey: next)
        _ = try await KeyRotation(store: sample.store, sealer: other, journal: nil).begin()
        await #expect {
            try await sample.save("token-0")
        } throws: { error in
            (error as? StoreError)?.code == .unavailable
        }
    }

    @Test func manyWritersAndReadersNoticeNothing() async throws {
        let sample = try await SealedStoreSample()
        let isOver = Box(false)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<3 {
                let store = try await sample.files.open()
                let sealer = try await store.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
                group.addTask {
                    var count = 0
                    while !isOver.value {
                        let token = SealedStoreSample.tokens[(count + worker) % SealedStoreSample.tokens.count]
                        if worker == 0 { try await sample.save(token, access: "access \(count)") }
                        let sealed = try await store.token(service: SealedStoreSample.service, name: token)?.credential
                        let opened = try await sealer.openAccessToken(of: try #require(sealed))
                        #expect(opened.hasSuffix(" of \(token)"))
                        count += 1
                    }
                    return count
                }
            }
            let store = try await sample.files.open()
            let sealer = try await store.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
            let rotation = KeyRotation(store: store, sealer: sealer, journal: nil)
            for _ in 0..<5 {
                _ = try await rotation.begin()
                while try await !rotation.finish().isFinished {}
            }
            isOver.withLock { $0 = true }
            for try await count in group { #expect(count > 0) }
        }
        #expect(try await sample.store.dataKeys().count == 1)
        let fresh = try await sample.store.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
        #expect(try await sample.complaints(with: fresh).isEmpty)
    }

    @Test func sealsAreCountedFromAbove() async throws {
        let sample = try await SealedStoreSample()
        let seals = { try await sample.store.dataKeyUsage().last?.seals ?? 0 }
        let before = try await seals()
        #expect(before >= Int64(SealedStoreSample.tokens.count * 4 + 5))
        for _ in 0..<10 { try await sample.save("token-0") }
        #expect(try await seals() >= before + 40)
        let rotation = KeyRotation(store: sample.store, sealer: sample.sealer, journal: nil)
        _ = try await rotation.begin()
        #expect(try await seals() == 0)
        _ = try await rotation.finish()
        #expect(try await seals() >= Int64(SealedStoreSample.tokens.count * 4 + 5))
    }
}
