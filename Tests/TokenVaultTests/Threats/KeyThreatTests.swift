import Foundation
import GRDB
import HTTPTypes
import ProgramSupport
import TestSupport
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// A key that is lost or known to somebody, one that is used too often, and an administrator who takes tokens along.
@Suite("Threats: keys", .timeLimit(.minutes(5)))
struct KeyThreatTests {
    private static let secret = "the-access-token"
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try await self.files.run("token", "import", "dropbox", "sample", input: Self.secret)
    }

    private func complaint(_ arguments: [String], input: String = "") async -> String {
        do {
            try await self.files.run(arguments, input: input)
            return "nothing was wrong"
        } catch {
            return "\(error)"
        }
    }

    /// A store whose key is gone is never taken for an empty one, nor given another key.
    @Test func aLostKeyIsSaidAndNothingIsMadeAnew() async throws {
        try FileManager.default.removeItem(atPath: self.files.keyPath)
        for command in [
            ["store", "create", "--name", "test", "--create-key"], ["key", "rotate"],
            ["key", "rewrap", "--key-file", self.files.directory.file("keys/next"), "--create-key"],
            ["export", self.files.directory.file("archive"), "--all"],
        ] {
            let complaint = await self.complaint(command, input: "correct horse battery staple")
            #expect(complaint.contains("There is no key file"), "\(command): \(complaint)")
        }
        for name in ["vault.key", "next"] {
            #expect(!FileManager.default.fileExists(atPath: self.files.directory.file("keys/\(name)")))
        }
        #expect(!FileManager.default.fileExists(atPath: self.files.directory.file("archive")))
    }

    /// Somebody has the key and a copy of the store: after a rewrap and a rotation neither opens anything that comes later.
    @Test func aKeyThatLeakedOpensNothingAfterwards() async throws {
        let stolen = try self.files.keyEncryptionKey()
        let copy = self.files.directory.file("copy/vault.sqlite")
        try FileManager.default.createDirectory(
            atPath: self.files.directory.file("copy"),
            withIntermediateDirectories: false
        )
        try await self.files.open().backUp(to: copy)
        let known = try await SQLiteStore.open(at: copy).sealer(keyEncryptionKey: stolen)

        let next = self.files.directory.file("keys/next")
        try await self.files.run("key", "rewrap", "--key-file", next, "--create-key")
        let environment = self.files.environment.merging(["TOKEN_VAULT_KEY_FILE": next]) { $1 }
        let settings = try StoreSettings(environment: environment)
        let unsealed = try await UnsealedStore(settings, source: settings.keySource(environment: environment))
        let live = try LivenessFile(databasePath: self.files.databasePath)
        let rotation = KeyRotation(
            store: try await unsealed.store.chainingAudit(sealer: unsealed.sealer, live: live),
            sealer: unsealed.sealer,
            journal: nil
        )
        _ = try await rotation.begin()
        #expect(try await rotation.finish().isFinished)
        _ = try await unsealed.store.saveAccessToken(
            "the-next-token",
            expiresOn: nil,
            service: "dropbox",
            token: "sample",
            sealer: unsealed.sealer
        )

        let store = try await self.files.open()
        await #expect(throws: SealerError.wrongKey) { try await store.sealer(keyEncryptionKey: stolen) }
        let record = try #require(try await store.record())
        let sealed = try #require(try await store.token(service: "dropbox", name: "sample")?.credential)
        // The data keys of the copy, under their own name and under that of the new one.
        #expect(throws: SealerError.unknownKey) { try known.keys.openAccessToken(of: sealed) }
        let old = try #require(try await SQLiteStore.open(at: copy).dataKeys().first)
        let newest = try #require(try await store.dataKeys().last)
        #expect(newest.kid != old.kid)
        #expect(throws: SealerError.self) {
            try DataKeys(
                store: record,
                dataKeys: [DataKeyRecord(kid: newest.kid, wrapped: old.wrapped)],
                keyEncryptionKey: stolen
            )
        }
        // What was wrapped with the leaked key lies in none of the files any more.
        try store.pool.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: self.files.directory.file("data"))
        for name in names {
            let bytes = FileManager.default.contents(atPath: self.files.directory.file("data/\(name)")) ?? Data()
            #expect(bytes.range(of: old.ciphertext) == nil, "\(name)")
        }
    }

    /// Nonces are drawn at random, which is safe for 2^32 values under one key (NIST SP 800-38D section 8.3).
    @Test func noNonceComesTwiceAndAKeyIsReplacedLongBefore() async throws {
        let (store, sealer) = try await self.files.openChained()
        var nonces: Set<Data> = []
        for number in 0..<100 {
            _ = try await store.saveCredential(
                Credential(accessToken: "a\(number)", refreshToken: "r", extraValues: ["x": "y"]),
                service: "dropbox",
                token: "sample",
                sealer: sealer
            )
            let sealed = try #require(try await store.token(service: "dropbox", name: "sample")?.credential)
            for value in [sealed.accessToken, sealed.refreshToken, sealed.extraValues, sealed.counter?.sealed] {
                nonces.insert(try #require(value).nonce)
            }
        }
        #expect(nonces.count == 400)
        let counted = try #require(try await store.dataKeyUsage().last?.seals)
        #expect(counted >= 400)

        // As after two billion values: a vault that serves sees to it by itself.
        let rotation = KeyRotation(store: store, sealer: sealer, journal: nil)
        #expect(try await rotation.runIfDue(KeyRotationPolicy(), at: Date()) == nil)
        try await store.pool.write { db in
            try db.execute(
                sql: "UPDATE store SET last_version = ?",
                arguments: [DataKeyUsage.sealLimit / 2 / 4]
            )
        }
        let old = sealer.keys.currentKeyID
        #expect(try await rotation.runIfDue(KeyRotationPolicy(), at: Date())?.removed == [old])
        let usage = try await store.dataKeyUsage()
        #expect(usage.count == 1)
        #expect(try #require(usage.last).seals < 100)
        let sealed = try #require(try await store.token(service: "dropbox", name: "sample")?.credential)
        #expect(try await sealer.openAccessToken(of: sealed) == "a99")
    }

    /// Through the API nobody gets more than access tokens, whatever they may; what goes out by the command is on record.
    @Test func refreshTokensLeaveByTheCommandAloneWhichIsRecorded() async throws {
        let vault = try await VaultFixture(permissions: "Get,List,CreateOrUpdate,Delete")
        _ = try await vault.store.saveCredential(
            Credential(
                accessToken: "the-access",
                expiresOn: vault.clock.date.addingTimeInterval(3600),
                refreshToken: "the-refresh",
                extraValues: ["instance": "the-extra"]
            ),
            service: "dropbox",
            token: "sample",
            sealer: vault.sealer
        )
        let token = "/services/dropbox/tokens/sample"
        let list = ["/services", "/services/dropbox", "/services/dropbox/tokens"]
        for path in list + [token, "\(token)/export", "/export"] {
            let reply = try await vault.send(.get, path, bearer: vault.bearer(), prefer: "token-details")
            for secret in ["the-refresh", "the-extra"] { #expect(!reply.body.contains(secret), "\(path)") }
        }
        for path in ["\(token)/export", "\(token)/refreshtoken", "/export", "/backup", "\(token)/accesstoken"] {
            let reply = try await vault.send(.post, path, body: "{}")
            #expect(!reply.body.contains("the-refresh"), "\(path)")
        }
        let archive = vault.files.directory.file("archive")
        try await vault.files.run(["export", archive, "--all"], input: "correct horse battery staple")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: archive))
        for secret in ["the-access", "the-refresh", "the-extra"] { #expect(bytes.range(of: Data(secret.utf8)) == nil) }
        let entry = ["local", "uid \(getuid())", "exportToken", "dropbox", "sample", "given"].joined(separator: "\t")
        #expect(try await vault.files.run("audit", "list").contains { $0.contains(entry) })
    }
}
