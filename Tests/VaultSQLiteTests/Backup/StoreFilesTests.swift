import Foundation
import Glibc
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// A backup is never read from, nor written to, a file of the store itself.
@Suite(.timeLimit(.minutes(5)))
struct StoreFilesTests {
    private let sample: SealedStoreSample

    init() async throws {
        self.sample = try await SealedStoreSample()
        try await self.sample.store.mark()
    }

    private var database: String { self.sample.files.databasePath }

    private static func isRefused(_ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            return false
        } catch {
            return "\(error)".contains("is a file of the store") && (error as? StoreError)?.code == .unusable
        }
    }

    private func contents() throws -> [String: Data] {
        let directory = self.sample.files.directory.file("data")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(filePath: "\(directory)/\($0)"))) }
        )
    }

    @Test(arguments: [
        "", "-wal", "-shm", "-journal", "-live", "-marker", "-answers", "-restoring", "-restoring-wal",
    ])
    func aFileOfTheStoreIsNoBackup(suffix: String) async throws {
        let (path, before) = (self.database + suffix, try self.contents())
        #expect(
            await Self.isRefused { _ = try await StoreRestoration.prepare(path, forStore: self.database) { Date() } }
        )
        for replaces in [false, true] {
            #expect(await Self.isRefused { try await self.sample.store.backUp(to: path, replaces: replaces) })
        }
        #expect(try self.contents() == before)
    }

    @Test func anotherNameOfSuchAFileIsOneToo() async throws {
        let directory = self.sample.files.directory
        try Data("half".utf8).write(to: URL(filePath: self.database + "-restoring"))
        let names = ["symbolic", "second", "other/vault.sqlite", "third.partial"].map { directory.file($0) }
        try #require(symlink(self.database + "-restoring", names[0]) == 0)
        try #require(link(self.database, names[1]) == 0)
        try #require(symlink("data", directory.file("other")) == 0)
        try #require(link(self.database, names[3]) == 0)
        let before = try self.contents()
        for name in [names[0], names[1], names[2], directory.file("other/../data/vault.sqlite-restoring")] {
            #expect(
                await Self.isRefused {
                    _ = try await StoreRestoration.prepare(name, forStore: self.database) { Date() }
                },
                "\(name)"
            )
            #expect(await Self.isRefused { try await self.sample.store.backUp(to: name, replaces: true) }, "\(name)")
        }
        // What is written first has another name.
        #expect(await Self.isRefused { try await self.sample.store.backUp(to: directory.file("third")) })
        #expect(try self.contents() == before)
    }

    @Test func anyOtherFileMayLieBesideTheStore() async throws {
        let file = self.sample.files.directory.file("data/vault.sqlite-monday")
        try await self.sample.store.backUp(to: file)
        try await self.sample.store.backUp(to: file, replaces: true)
        let restoration = try await StoreRestoration.prepare(file, forStore: self.database) { Date() }
        let kept = try #require(try await restoration.finish(at: Date()))
        // The store that was there can be put back, too.
        let second = try await StoreRestoration.prepare(kept, forStore: self.database) { Date() }
        _ = try await second.finish(at: Date())
        #expect(try await SQLiteStore.open(at: self.database).tokens().count == SealedStoreSample.tokens.count)
    }
}
