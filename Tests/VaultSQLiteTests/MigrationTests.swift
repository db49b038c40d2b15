import Crypto
import Foundation
import GRDB
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// A store as the version with the second schema made it.
struct MigrationTests {
    private let files: SQLiteStoreFixture
    private let key = KeyEncryptionKey()

    init() async throws {
        self.files = try SQLiteStoreFixture()
        let path = self.files.databasePath
        try PrivateFile.makeDirectory(for: path)
        _ = try PrivateFile.create(at: path)
        let check = try DataKeys.makeKeyCheck(store: "test", keyEncryptionKey: self.key)
        let dataKey = SymmetricKey(size: .bits256)
        let wrapped = try SealedValue(
            sealing: dataKey.withUnsafeBytes { Data($0) },
            key: self.key.key,
            authenticating: Self.encode(["data key", "test", "k1"])
        )
        let pool = try DatabasePool(path: path)
        try StoreSchema.migrator.migrate(pool, upTo: "2 pruning of the audit, room for it")
        try await pool.write { db in
            try db.execute(
                sql: "INSERT INTO store VALUES (1, 'test', ?, ?, 5)",
                arguments: [check.nonce, check.ciphertext]
            )
            try db.execute(
                sql: "INSERT INTO dek (kid, nonce, ciphertext, created_at) VALUES ('k1', ?, ?, 5)",
                arguments: [wrapped.nonce, wrapped.ciphertext]
            )
            try db.execute(sql: "INSERT INTO service VALUES (1, 'dropbox', 'dropbox', 5)")
            for (id, name) in [(1, "sample"), (2, "broken"), (3, "empty")] {
                try db.execute(sql: "INSERT INTO token VALUES (?, 1, ?, ?, 5)", arguments: [id, name, name])
            }
            let context = Self.encode(["credential", "test", "dropbox", "sample", "accessToken", "7", "k1"])
            let sealed = try SealedValue(sealing: Data("secret".utf8), key: dataKey, authenticating: context)
            for id in 1...2 {
                try db.execute(
                    sql: "INSERT INTO credential VALUES (?, 'accessToken', 7, 'k1', ?, ?, 4000000000, 5)",
                    arguments: [id, sealed.nonce, sealed.ciphertext]
                )
            }
            try db.execute(
                sql: """
                    INSERT INTO access_policy (tenant_id, object_id, permissions, created_at) VALUES (?, ?, 'GetToken', 5)
                    """,
                arguments: [Principal.sample.tenantID, Principal.sample.objectID]
            )
            try db.execute(
                sql: """
                    INSERT INTO audit (at, tenant_id, object_id, action, service, token, outcome)
                    VALUES (5, 't', 'o', 'getToken', 's', 't', 'given')
                    """
            )
        }
        try pool.close()
    }

    /// What the old version authenticated with a value, written out here.
    private static func encode(_ parts: [String]) -> Data {
        parts.reduce(into: Data()) { data, part in
            withUnsafeBytes(of: UInt64(part.utf8.count).bigEndian) { data.append(contentsOf: $0) }
            data.append(Data(part.utf8))
        }
    }

    @Test func whatAnOlderVersionStoredIsStillThere() async throws {
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.key)
        let tokens = try await store.tokens()
        #expect(tokens.map(\.name) == ["broken", "empty", "sample"])
        let credential = try #require(tokens.last?.credential)
        #expect(try sealer.keys.openAccessToken(of: credential) == "secret")
        #expect(credential.expiresOn == Date(timeIntervalSince1970: 4_000_000_000))
        #expect(tokens[1].credential == nil)
        #expect(try await store.permissions(of: .sample, on: .store) == .getToken)
        let service = try #require(try await store.service("dropbox"))
        #expect(service.createdOn == Date(timeIntervalSince1970: 5))
        var rows = 0
        try await store.readAudit(before: nil) { _ in rows += 1 }
        #expect(rows == 1)
    }

    @Test func itsExpiryIsBoundFromTheFirstStartOn() async throws {
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.key)
        #expect(try await store.bindCredentials(sealer: sealer) == 2)
        #expect(try await store.bindCredentials(sealer: sealer) == 0)
        let sealed = try #require(try await store.token(service: "dropbox", name: "sample")?.credential)
        #expect(sealed.version > 7)
        #expect(try sealer.keys.openAccessToken(of: sealed) == "secret")
        try await store.pool.write { try $0.execute(sql: "UPDATE credential SET expires_on = expires_on + 1") }
        let changed = try #require(try await store.token(service: "dropbox", name: "sample")?.credential)
        #expect(throws: SealerError.damaged) { try sealer.keys.openAccessToken(of: changed) }
    }

    @Test func aValueOfAnotherTokenStaysShut() async throws {
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.key)
        _ = try await store.bindCredentials(sealer: sealer)
        let sealed = try #require(try await store.token(service: "dropbox", name: "broken")?.credential)
        #expect(throws: SealerError.damaged) { try sealer.keys.openAccessToken(of: sealed) }
    }
}
