import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// What somebody can do who may write the database and has no key.
struct StoredSecretsTests {
    private let files: SQLiteStoreFixture
    private let store: SQLiteStore
    private let sealer: CredentialSealer

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
        self.store = try await self.files.open()
        self.sealer = try await self.store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        _ = try await self.store.createService("dropbox", provider: "dropbox")
    }

    private func save(_ accessToken: String, as name: String = "sample") async throws {
        _ = try await self.store.saveCredential(
            Credential(
                accessToken: accessToken,
                expiresOn: Date(timeIntervalSince1970: 2_000_000_000),
                refreshToken: "refresh of \(accessToken)",
                configurationHash: "hash"
            ),
            service: "dropbox",
            token: name,
            sealer: self.sealer
        )
    }

    private func open() async throws -> Credential {
        try await self.sealer.open(
            try #require(try await self.store.token(service: "dropbox", name: "sample")?.credential)
        )
    }

    @Test(arguments: [
        "expires_on = expires_on + 86400", "expires_on = NULL", "refresh_expires_on = 1", "config_hash = 'other'",
        "config_hash = ''", "access_token = refresh_token", "is_bound = 0", "is_bound = 1",
        "kid = 'x'", "access_token = x'00'",
        "refresh_token = (SELECT refresh_token FROM credential ORDER BY token_id DESC LIMIT 1)",
    ])
    func aChangedRowDoesNotOpen(change: String) async throws {
        try await self.save("secret")
        try await self.save("other", as: "other")
        #expect(try await self.open().accessToken == "secret")
        try await self.store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; UPDATE credential SET \(change) WHERE token_id = 1")
        }
        await #expect(throws: SealerError.damaged) { try await self.open() }
    }

    @Test func anOldCredentialThatIsPutBackDoesNotOpen() async throws {
        try await self.save("old")
        try await self.store.pool.write { db in
            try db.execute(sql: "CREATE TABLE kept AS SELECT * FROM credential")
        }
        // Deleted and imported again, it would have had the old number before.
        #expect(try await self.store.deleteToken(service: "dropbox", name: "sample"))
        try await self.save("new")
        try await self.store.pool.write { db in
            try db.execute(sql: "DELETE FROM credential; UPDATE kept SET token_id = (SELECT id FROM token)")
            try db.execute(sql: "INSERT INTO credential SELECT * FROM kept")
        }
        await #expect(throws: SealerError.damaged) { try await self.open() }
    }

    /// Its version goes back with it, and the number in the other table tells.
    @Test(arguments: ["", "DELETE FROM credential_counter;"])
    func anOldRowThatIsPutBackWithItsVersionDoesNotOpen(change: String) async throws {
        try await self.save("old")
        let version = try #require(try await self.store.token(service: "dropbox", name: "sample")?.credential?.version)
        try await self.store.pool.write { db in
            try db.execute(sql: "CREATE TABLE kept AS SELECT * FROM credential")
        }
        try await self.save("new")
        #expect(try await self.open().accessToken == "new")
        try await self.store.pool.write { db in
            try db.execute(sql: "DELETE FROM credential; INSERT INTO credential SELECT * FROM kept; \(change)")
            try db.execute(sql: "UPDATE token SET version = ?", arguments: [version])
        }
        await #expect(throws: SealerError.damaged) { try await self.open() }
        let token = TokenKey(service: "dropbox", token: "sample")
        await #expect(throws: SealerError.damaged) {
            try await self.store.credential(of: token, version: version, sealer: self.sealer)
        }
    }

    @Test func whatIsDeletedIsOverwritten() async throws {
        try await self.save("secret")
        let sealed = try #require(try await self.store.token(service: "dropbox", name: "sample")?.credential)
        let bytes = sealed.accessToken.ciphertext
        try await self.store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        #expect(try self.files.directory.contents().range(of: bytes) != nil)
        #expect(try await self.store.deleteToken(service: "dropbox", name: "sample"))
        try await self.store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        #expect(try self.files.directory.contents().range(of: bytes) == nil)
    }

    @Test func noSecretOfALoginLiesInTheFiles() async throws {
        let secrets = ["the-access", "the-refresh", "the-verifier", "the-nonce", "the-client-secret", "the-extra"]
        _ = try await self.store.addClientSecret("the-client-secret", to: "dropbox", sealer: self.sealer)
        _ = try await self.store.putToken(service: "dropbox", name: "sample", displayName: nil, returnURLs: nil)
        let later = Date().addingTimeInterval(300)
        let login = PendingLogin(
            stateHash: Data("s".utf8),
            cookieHash: Data("c".utf8),
            service: "dropbox",
            token: "sample",
            returnURL: "https://the-return.example",
            redirectURI: "",
            configurationHash: "",
            secrets: PendingLogin.Secrets(codeVerifier: "the-verifier", nonce: "the-nonce"),
            expiresOn: later
        )
        #expect(try await self.store.addLogin(login, limits: LoginLimits(), sealer: self.sealer))
        let credential = Credential(
            accessToken: "the-access",
            refreshToken: "the-refresh",
            extraValues: ["x": "the-extra"]
        )
        let pending = PendingCredential(
            codeHash: Data("h".utf8),
            service: "dropbox",
            token: "sample",
            credential: credential,
            account: nil,
            expiresOn: later
        )
        #expect(try await self.store.addPendingCredential(pending, sealer: self.sealer))
        _ = try await self.store.saveCredential(credential, service: "dropbox", token: "t", sealer: self.sealer)
        let bytes = try self.files.directory.contents()
        #expect(bytes.range(of: Data("the-return".utf8)) != nil)
        for secret in secrets {
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret)")
        }
    }
}
