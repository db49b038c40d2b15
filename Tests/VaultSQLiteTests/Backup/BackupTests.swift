import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct BackupTests {
    private func restore(_ backup: String, to database: String) async throws -> SQLiteStore {
        let restoration = try await StoreRestoration.prepare(backup, forStore: database) { Date() }
        _ = try await restoration.finish(at: Date())
        return try await SQLiteStore.open(at: database)
    }

    @Test func aBackupHasEverythingButTheKey() async throws {
        let sample = try await SealedStoreSample()
        let file = sample.files.directory.file("backup")
        try await sample.store.backUp(to: file)
        #expect(try TemporaryDirectory.mode(of: file) == 0o600)
        #expect(sample.files.directory.names == ["backup", "data", "keys"])
        let key = try sample.files.keyEncryptionKey()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(bytes.range(of: key.bytes) == nil)
        #expect(bytes.range(of: key.hexadecimal.dropLast()) == nil)
        let store = try await self.restore(file, to: sample.files.directory.file("other/vault.sqlite"))
        let restored = try await store.sealer(keyEncryptionKey: key)
        for token in SealedStoreSample.tokens {
            let sealed = try #require(
                try await store.token(service: SealedStoreSample.service, name: token)?.credential
            )
            #expect(try await restored.openAccessToken(of: sealed) == "access of \(token)")
        }
        #expect(try await store.origin() == .same)
    }

    @Test func aBackupOfAStoreThatIsWrittenIsOfOneMoment() async throws {
        let sample = try await SealedStoreSample()
        let write: @Sendable (String) async throws -> Void = { text in
            // Rows that always change together.
            try await sample.store.pool.write { db in
                try db.execute(sql: "UPDATE service SET display_name = ?", arguments: [text])
                try db.execute(sql: "UPDATE token SET display_name = ?", arguments: [text])
            }
        }
        try await write("before")
        let isOver = Box(false)
        async let writer: Int = {
            var count = 0
            while !isOver.value {
                try await write("\(count)")
                count += 1
            }
            return count
        }()
        for number in 0..<10 {
            let file = sample.files.directory.file("backup-\(number)")
            try await sample.store.backUp(to: file)
            let names = try await DatabaseQueue(path: file).read { db in
                try String.fetchSet(db, sql: "SELECT display_name FROM service UNION SELECT display_name FROM token")
            }
            #expect(names.count == 1)
        }
        isOver.withLock { $0 = true }
        #expect(try await writer > 0)
    }

    @Test func aFileThatIsThereStaysUnlessItIsToBeReplaced() async throws {
        let sample = try await SealedStoreSample()
        let file = try sample.files.directory.write("mine", to: "backup")
        await #expect { try await sample.store.backUp(to: file) } throws: { ($0 as? StoreError)?.code == .unusable }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        #expect(sample.files.directory.names == ["backup", "data", "keys"])
        try await sample.store.backUp(to: file, replaces: true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)).starts(with: Data("SQLite format 3".utf8)))
    }

    @Test func whatAnInterruptedBackupLeftIsWrittenOver() async throws {
        let sample = try await SealedStoreSample()
        let file = sample.files.directory.file("backup")
        try sample.files.directory.write(String(repeating: "x", count: 5_000_000), to: "backup.partial", mode: 0o666)
        try await sample.store.backUp(to: file)
        #expect(sample.files.directory.names == ["backup", "data", "keys"])
        #expect(try TemporaryDirectory.mode(of: file) == 0o600)
        _ = try await self.restore(file, to: sample.files.directory.file("other/vault.sqlite"))
    }

    @Test func aPlaceThatCannotBeWrittenIsSaid() async throws {
        let sample = try await SealedStoreSample()
        for place in [sample.files.directory.file("nowhere/backup"), "/proc/backup", "/dev/full/x"] {
            await #expect(throws: StoreError.self) { try await sample.store.backUp(to: place) }
        }
    }

    @Test func theStoreThatWasThereStaysUnderAnotherName() async throws {
        let sample = try await SealedStoreSample()
        let file = sample.files.directory.file("backup")
        try await sample.store.backUp(to: file)
        try await sample.save("token-0", access: "later")
        let restoration = try await StoreRestoration.prepare(file, forStore: sample.files.databasePath) { Date() }
        let kept = try #require(try await restoration.finish(at: Date()))
        for (path, access) in [(sample.files.databasePath, "access"), (kept, "later")] {
            let store = try await SQLiteStore.open(at: path)
            let sealer = try await store.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
            let sealed = try #require(
                try await store.token(service: SealedStoreSample.service, name: "token-0")?.credential
            )
            #expect(try await sealer.openAccessToken(of: sealed) == "\(access) of token-0")
        }
    }

    @Test func aRestorationThatWasLeftIsMadeAgain() async throws {
        let sample = try await SealedStoreSample()
        let file = sample.files.directory.file("backup")
        try await sample.store.backUp(to: file)
        let database = sample.files.databasePath
        try sample.store.pool.close()
        // Killed after the store got another name, and before the backup had its name.
        try FileManager.default.moveItem(atPath: database, toPath: "\(database)-replaced-x")
        try Data("rest".utf8).write(to: URL(fileURLWithPath: "\(database)-wal"))
        try Data("half".utf8).write(to: URL(fileURLWithPath: "\(database)-restoring"))
        let store = try await self.restore(file, to: database)
        let sealer = try await store.sealer(keyEncryptionKey: sample.files.keyEncryptionKey())
        #expect(try await store.tokens().count == SealedStoreSample.tokens.count)
        #expect(sealer.keys.currentKeyID == sample.sealer.keys.currentKeyID)
    }

    @Test func aRestorationThatFailsLeavesTheStoreWhereItWas() async throws {
        let sample = try await SealedStoreSample()
        let database = sample.files.databasePath
        try await sample.store.mark()
        try sample.store.pool.close()
        let log = Data("log".utf8)
        let names = try FileManager.default.contentsOfDirectory(atPath: sample.files.directory.file("data")).sorted()
        let marker = StoreMarker(name: "other", armed: 0, inode: 1)
        #expect(throws: StoreError.self) {
            _ = try StoreRestoration.replace(database, with: "\(database)-gone", marker: marker, at: Date())
        }
        let store = try await SQLiteStore.open(at: database)
        #expect(try await store.origin() == .same)
        #expect(try await store.tokens().count == SealedStoreSample.tokens.count)
        try store.pool.close()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: sample.files.directory.file("data")).sorted() == names
        )
        // Its log alone, as an interruption may have left it.
        try FileManager.default.removeItem(atPath: database)
        try log.write(to: URL(fileURLWithPath: "\(database)-wal"))
        #expect(throws: StoreError.self) {
            _ = try StoreRestoration.replace(database, with: "\(database)-gone", marker: marker, at: Date())
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(database)-wal")) == log)
    }

    @Test func aMarkerThatCannotBeWrittenLeavesTheStoreWhereItWas() async throws {
        let sample = try await SealedStoreSample()
        let file = sample.files.directory.file("backup")
        try await sample.store.backUp(to: file)
        try sample.store.pool.close()
        let database = sample.files.databasePath
        try FileManager.default.createDirectory(
            atPath: StoreMarker.path(ofStore: database),
            withIntermediateDirectories: false
        )
        let restoration = try await StoreRestoration.prepare(file, forStore: database) { Date() }
        await #expect(throws: StoreError.self) { try await restoration.finish(at: Date()) }
        restoration.cancel()
        #expect(
            try await SQLiteStore.open(at: database).tokens().count == SealedStoreSample.tokens.count
        )
        let names = try FileManager.default.contentsOfDirectory(atPath: sample.files.directory.file("data"))
        #expect(!names.contains { $0.contains("-replaced-") || $0.contains("-restoring") })
    }

    @Test(arguments: ["-restoring", "-replaced-20260101T000000Z"])
    func aRestorationThatWasInterruptedIsNamed(suffix: String) async throws {
        let sample = try await SealedStoreSample()
        try sample.store.pool.close()
        let database = sample.files.databasePath
        try FileManager.default.moveItem(atPath: database, toPath: database + suffix)
        await #expect {
            _ = try await SQLiteStore.open(at: database)
        } throws: {
            "\($0)".contains("\(database)\(suffix): `token-vault restore` was interrupted; run it again.")
        }
    }

    @Test func aStoreThatIsServedIsNotReplaced() async throws {
        let sample = try await SealedStoreSample()
        let file = sample.files.directory.file("backup")
        try await sample.store.backUp(to: file)
        let live = try LivenessFile(databasePath: sample.files.databasePath)
        await #expect {
            _ = try await StoreRestoration.prepare(file, forStore: sample.files.databasePath) { Date() }
        } throws: {
            ($0 as? StoreError)?.code == .unavailable
        }
        #expect(live.isAlive(live.owner))
    }

    @Test func twoRestorationsExcludeEachOther() async throws {
        let sample = try await SealedStoreSample()
        let (file, database) = (sample.files.directory.file("backup"), sample.files.databasePath)
        try await sample.store.backUp(to: file)
        let first = try await StoreRestoration.prepare(file, forStore: database) { Date() }
        await #expect {
            _ = try await StoreRestoration.prepare(file, forStore: database) { Date() }
        } throws: {
            "\($0)".hasPrefix("Another backup is being put in the place of")
                && ($0 as? StoreError)?.code == .unavailable
        }
        // What the first one has made ready is still there.
        #expect(try await first.store.tokens().count == SealedStoreSample.tokens.count)
        _ = try await first.finish(at: Date())
        let second = try await StoreRestoration.prepare(file, forStore: database) { Date() }
        second.cancel()
        _ = try await self.restore(file, to: database)
    }

    @Test func whoeverMakesAStoreIsSeenAndDoesNotComeInBetween() async throws {
        let sample = try await SealedStoreSample()
        let (file, database) = (sample.files.directory.file("backup"), sample.files.directory.file("new/vault.sqlite"))
        try await sample.store.backUp(to: file)
        let store = try await SQLiteStore.openOrCreate(at: database)
        await #expect(throws: StoreError.self) {
            _ = try await StoreRestoration.prepare(file, forStore: database) { Date() }
        }
        withExtendedLifetime(store) {}
        let other = sample.files.directory.file("other/vault.sqlite")
        try FileManager.default.createDirectory(
            atPath: sample.files.directory.file("other"),
            withIntermediateDirectories: false
        )
        let exclusion = try StoreExclusion(databasePath: other)
        try exclusion.excludeEverybody()
        await #expect {
            _ = try await SQLiteStore.openOrCreate(at: other)
        } throws: {
            ($0 as? StoreError)?.code == .unavailable
        }
        #expect(!FileManager.default.fileExists(atPath: other))
        exclusion.release()
    }

    /// Its log would be read into the backup.
    @Test(arguments: ["-wal", "-shm", "-journal"])
    func whatSQLiteHadBesideTheOldStoreDoesNotGetIntoTheNewOne(suffix: String) async throws {
        let sample = try await SealedStoreSample()
        let (file, database) = (sample.files.directory.file("backup"), sample.files.databasePath)
        try await sample.store.backUp(to: file)
        try sample.store.pool.close()
        // No store that could take its log in, as when it is gone.
        try FileManager.default.removeItem(atPath: database)
        try FileManager.default.copyItem(atPath: file, toPath: "\(database)-ready")
        try Data("not a log".utf8).write(to: URL(filePath: database + suffix))
        let marker = StoreMarker(name: "other", armed: 0, inode: 1)
        _ = try StoreRestoration.replace(database, with: "\(database)-ready", marker: marker, at: Date())
        #expect(!FileManager.default.fileExists(atPath: database + suffix))
        #expect(try await SQLiteStore.open(at: database).tokens().count == SealedStoreSample.tokens.count)
    }

    @Test func aStoreThatIsMovedAwayWhileItIsOpenedLeavesNoEmptyOne() async throws {
        let sample = try await SealedStoreSample()
        let database = sample.files.databasePath
        try sample.store.pool.close()
        await #expect {
            _ = try await SQLiteStore.openDatabase(at: database, isNew: false, now: Date.init) {
                try FileManager.default.moveItem(atPath: database, toPath: "\(database)-elsewhere")
            }
        } throws: {
            ($0 as? StoreError)?.code == .unavailable && "\($0)".contains("was moved or replaced")
        }
        #expect(!FileManager.default.fileExists(atPath: database))
        // Nor is another store opened that has its name by then.
        await #expect(throws: StoreError.self) {
            try FileManager.default.copyItem(atPath: "\(database)-elsewhere", toPath: database)
            _ = try await SQLiteStore.openDatabase(at: database, isNew: false, now: Date.init) {
                try FileManager.default.removeItem(atPath: database)
                try FileManager.default.moveItem(atPath: "\(database)-elsewhere", toPath: database)
            }
        }
        #expect(try await SQLiteStore.open(at: database).tokens().count == SealedStoreSample.tokens.count)
    }

    @Test(arguments: ["", "no database", "SQLite format 3\0 and nothing"])
    func whatIsNoBackupIsSaidAndNothingIsLeft(text: String) async throws {
        let sample = try await SealedStoreSample()
        let file = try sample.files.directory.write(text, to: "backup")
        let before = try FileManager.default.contentsOfDirectory(atPath: sample.files.directory.file("data")).sorted()
        await #expect(throws: StoreError.self) {
            _ = try await StoreRestoration.prepare(file, forStore: sample.files.databasePath) { Date() }
        }
        let after = try FileManager.default.contentsOfDirectory(atPath: sample.files.directory.file("data")).sorted()
        #expect(after == before)
    }
}
