import Foundation
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultPostgres

/// A new data key while vaults write.
struct KeyRotationTests {
    private let files: PostgresFixture

    init() async throws {
        self.files = try await PostgresFixture()
        try await self.files.makeStore()
    }

    @Test func everythingIsSealedAgainWhileOthersWriteAndTheOldKeyGoes() async throws {
        let (store, sealer, _) = try await self.files.openChained()
        let (other, otherSealer, _) = try await self.files.openChained(machine: "two")
        _ = try await store.putService(
            "dropbox",
            configuration: ServiceConfiguration(provider: "dropbox"),
            clientSecret: "secret",
            sealer: sealer
        )
        let hash = ServiceConfiguration(provider: "dropbox").hash
        for number in 0..<20 {
            let credential = Credential(
                accessToken: "a\(number)",
                refreshToken: "r\(number)",
                extraValues: ["x": "y"],
                configurationHash: hash
            )
            _ = try await store.saveCredential(credential, service: "dropbox", token: "t\(number)", sealer: sealer)
        }
        let key = TokenKey(service: "dropbox", token: "t0")
        let _: Bool? = try await store.changeRenewal(of: key, sealer: sealer) { _ in
            (result: true, writes: [.keepAnswer(Data("answer".utf8)), .quarantine(Data("late".utf8))])
        }
        let login = PendingLogin(
            stateHash: Data([0, 1, 2]),
            cookieHash: Data([3]),
            service: "dropbox",
            token: "t1",
            returnURL: "https://a",
            redirectURI: "https://b",
            configurationHash: hash,
            secrets: PendingLogin.Secrets(codeVerifier: "verifier"),
            expiresOn: Date() + 600
        )
        #expect(try await store.addLogin(login, limits: LoginLimits(), sealer: sealer))
        let pending = PendingCredential(
            codeHash: Data([0xff, 0]),
            service: "dropbox",
            token: "t2",
            credential: Credential(accessToken: "new", configurationHash: hash),
            account: Account(subject: "me"),
            expiresOn: Date() + 600
        )
        #expect(try await store.addPendingCredential(pending, sealer: sealer))

        let rotation = KeyRotation(store: store, sealer: sealer, journal: nil)
        let isOver = Box(false)
        let writer = Task {
            var count = 0
            while !isOver.value {
                let credential = Credential(accessToken: "b\(count)", configurationHash: hash)
                _ = try await other.saveCredential(
                    credential,
                    service: "dropbox",
                    token: "w\(count % 7)",
                    sealer: otherSealer
                )
                count += 1
            }
            return count
        }
        let old = sealer.keys.currentKeyID
        let new = try await rotation.begin()
        let report = try await rotation.finish()
        isOver.withLock { $0 = true }
        #expect(try await writer.value > 0)
        #expect(report.unreadable.isEmpty && report.dropped.isEmpty)
        #expect(report.removed == [old])
        #expect(try await store.dataKeys().map(\.kid) == [new])
        let usage = try await store.dataKeyUsage()
        #expect(usage.map(\.keyID) == [new])
        #expect((usage.first?.values ?? 0) > 20 * 4)

        // Whoever opens the store from now on opens everything.
        let (last, lastSealer, _) = try await self.files.openChained(machine: "three")
        for token in try await last.tokens() {
            _ = try await lastSealer.open(try #require(token.credential))
        }
        #expect(try await last.keptAnswer(of: key, sealer: lastSealer) == Data("answer".utf8))
        let taken = try await last.takeLogin(stateHash: login.stateHash, now: Date(), sealer: lastSealer)
        #expect(taken?.secrets == login.secrets)
        let redemption = try await last.redeemCode(
            hash: pending.codeHash,
            service: "dropbox",
            token: "t2",
            allowAccountChange: true,
            by: .sample,
            now: Date(),
            sealer: lastSealer
        )
        if case .saved = redemption {} else { Issue.record("\(redemption)") }
        let secret = try #require(try await last.clientSecrets(of: "dropbox").first)
        #expect(try await lastSealer.open(secret) == "secret")
        #expect(try await last.verifyAudit(sealer: lastSealer).findings.isEmpty)
    }

    @Test func theKeysAreWrappedWithAnotherKey() async throws {
        let (store, sealer, _) = try await self.files.openChained()
        let next = KeyEncryptionKey()
        let entry = AuditEntry(principal: .vault, action: .rewrapKey, outcome: .allowed)
        await #expect(throws: SealerError.wrongKey) {
            try await store.rewrap(from: next, to: KeyEncryptionKey(), wrapping: nil, entry: entry)
        }
        let wrapping = KeyWrapping(keyID: "https://vault/keys/a", wrapped: Data([1, 2, 3]))
        try await store.rewrap(from: sealer.keyEncryptionKey, to: next, wrapping: wrapping, entry: entry)
        #expect(try await store.record()?.wrapping == wrapping)
        _ = try await store.sealer(keyEncryptionKey: next)
        await #expect(throws: SealerError.wrongKey) {
            try await store.sealer(keyEncryptionKey: sealer.keyEncryptionKey)
        }
    }

    @Test func ofTwoNewKeysAtOnceOneIsTaken() async throws {
        let vaults = try await [self.files.openChained(), self.files.openChained(machine: "two")]
        let newest = vaults[0].sealer.keys.currentKeyID
        let count = try await withThrowingTaskGroup(of: Bool.self) { group in
            for vault in vaults {
                group.addTask {
                    try await vault.store.addDataKey(
                        vault.sealer.makeDataKey(),
                        after: newest,
                        keyEncryptionKey: vault.sealer.keyEncryptionKey,
                        entry: AuditEntry(principal: .vault, action: .rotateKey, outcome: .allowed)
                    )
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(count == 1)
    }
}
