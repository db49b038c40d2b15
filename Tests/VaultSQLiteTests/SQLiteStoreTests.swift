import Foundation
import GRDB
import Glibc
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

struct SQLiteStoreTests {
    private let files: SQLiteStoreFixture

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
    }

    private func complaint() async -> String {
        do {
            _ = try await self.files.open()
            return "none"
        } catch {
            return (error as? StoreError)?.description ?? "\(error)"
        }
    }

    @Test func filesAreForTheirOwnerAlone() async throws {
        let store = try await self.files.open()
        try await store.checkWritable()
        #expect(try TemporaryDirectory.mode(of: self.files.directory.file("data")) == 0o700)
        for suffix in ["", "-wal", "-shm"] {
            #expect(try TemporaryDirectory.mode(of: self.files.databasePath + suffix) == 0o600)
        }
    }

    @Test func commitsSurviveAPowerCut() async throws {
        let store = try await self.files.open()
        let settings = try await store.pool.writeWithoutTransaction { db in
            try ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"].map { name in
                try String.fetchOne(db, sql: "PRAGMA \(name)") ?? ""
            }
        }
        #expect(settings == ["wal", "2", "1", "5000"])
    }

    @Test func aCredentialIsThereAfterReopening() async throws {
        let key = try self.files.keyEncryptionKey()
        let expiresOn = Date(timeIntervalSince1970: 2_000_000_000)
        do {
            let store = try await self.files.open()
            let sealer = try await store.sealer(keyEncryptionKey: key)
            _ = try await store.createService("dropbox", provider: "dropbox")
            for version: Int64 in 1...2 {
                let saved = try await store.saveAccessToken(
                    "secret \(version)",
                    expiresOn: expiresOn,
                    service: "dropbox",
                    token: "sample",
                    sealer: sealer
                )
                #expect(saved == version)
            }
        }
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: key)
        let credential = try #require(try await store.token(service: "dropbox", name: "sample")?.credential)
        #expect(credential.expiresOn == expiresOn)
        #expect(
            try sealer.keys.openAccessToken(of: credential) == "secret 2"
        )
    }

    @Test func twoProcessesMayWriteAtTheSameTime() async throws {
        let stores = [try await self.files.open(), try await self.files.open()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    _ = try await stores[number % 2].createService("service-\(number)", provider: "p")
                }
            }
            try await group.waitForAll()
        }
        let count = try await stores[0].pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM service") }
        #expect(count == 40)
    }

    @Test func aServiceTakesItsTokensAlong() async throws {
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        _ = try await store.createService("dropbox", provider: "dropbox")
        _ = try await store.saveAccessToken("s", expiresOn: nil, service: "dropbox", token: "t", sealer: sealer)
        try await store.pool.write { try $0.execute(sql: "DELETE FROM service") }
        #expect(try await store.tokens().isEmpty)
        let count = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM credential") }
        #expect(count == 0)
    }

    @Test(arguments: ["UPDATE audit SET outcome = 'given'", "DELETE FROM audit"])
    func theAuditOnlyGrows(sql: String) async throws {
        let store = try await self.files.open()
        let entry = AuditEntry(
            principal: Principal.sample,
            action: .getToken,
            service: "s",
            token: String(repeating: "t", count: 1000),
            outcome: .forbidden
        )
        try await store.append([entry])
        await #expect(throws: DatabaseError.self) {
            try await store.pool.write { try $0.execute(sql: sql) }
        }
        let length = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT length(token) FROM audit") }
        #expect(length == 128)
    }

    @Test func aMissingStoreIsNotMade() async throws {
        try FileManager.default.removeItem(atPath: self.files.databasePath)
        #expect(await self.complaint().hasPrefix("There is no store at \(self.files.databasePath)"))
        #expect(!FileManager.default.fileExists(atPath: self.files.databasePath))
    }

    @Test func anEmptyDatabaseIsNotAnEmptyStore() async throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: self.files.databasePath + suffix)
        }
        _ = try PrivateFile.create(at: self.files.databasePath)
        #expect(await self.complaint().contains("holds no store yet"))
    }

    @Test func whatIsNotADatabaseIsRefused() async throws {
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: self.files.databasePath + suffix)
        }
        try FileManager.default.removeItem(atPath: self.files.databasePath)
        let garbage = Data(String(repeating: "garbage ", count: 1000).utf8)
        _ = try PrivateFile.create(at: self.files.databasePath, contents: garbage)
        #expect(await self.complaint().contains("cannot be opened: file is not a database"))
    }

    @Test func aDatabaseThatOthersMayOpenIsRefused() async throws {
        #expect(chmod(self.files.databasePath, 0o640) == 0)
        #expect(await self.complaint() == "\(self.files.databasePath) can be opened by others: run chmod 0600 on it.")
    }

    @Test func aStoreOfANewerVersionIsRefused() async throws {
        let store = try await self.files.open()
        try await store.pool.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 the future')")
        }
        #expect(await self.complaint().contains("was made by a newer token-vault"))
    }
}
