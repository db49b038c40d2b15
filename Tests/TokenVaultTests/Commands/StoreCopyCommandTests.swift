import Foundation
import ProgramSupport
import TestSupport
import Testing
import VaultCore
import VaultSQLite

@testable import TokenVault

@Suite(.timeLimit(.minutes(5)))
struct StoreCopyCommandTests {
    private let files: StoreFixture
    private var next: String { self.files.directory.file("next/vault.sqlite") }

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "github", "--provider", "github")
        try await self.files.run("token", "import", "github", "sample", input: "the-token")
    }

    /// What is at the new place, as the commands have it there.
    private func there(_ arguments: String...) async throws -> [String] {
        let settings = self.files.environment.merging(["TOKEN_VAULT_STORE": self.next]) { $1 }
        return try await StoreFixture(environment: settings).run(arguments)
    }

    @Test func aStoreThatWasMovedIsUsedWhereItIs() async throws {
        let lines = try await self.files.run("store", "copy", "--to", self.next)
        #expect(lines[0].hasPrefix("Copied "))
        #expect(lines[0].hasSuffix(" rows, of 1 tokens, to \(self.next)."))
        #expect(lines[1].hasPrefix("Set TOKEN_VAULT_STORE=\(self.next), and start the vaults."))
        for command in [["token", "list"], ["audit", "list"], ["store", "create", "--name", "test"]] {
            #expect(
                await self.complaint(command)
                    == "The store test has moved from \(self.files.databasePath) to \(self.next): set TOKEN_VAULT_STORE to that."
            )
        }
        #expect(try await self.there("token", "list").contains { $0.contains("sample") })
        #expect(try await self.there("audit", "verify")[0].hasSuffix("entries are as they were written."))
        #expect(
            try await self.there("audit", "list").contains { $0.contains("\tcopyStore\t") && $0.contains(self.next) }
        )
        #expect(
            try await self.files.run("store", "copy", "--to", self.next)[0]
                == "The store is at \(self.next): an earlier run had copied everything."
        )
    }

    private func complaint(_ arguments: [String]) async -> String {
        do {
            try await self.files.run(arguments)
            return "it worked"
        } catch {
            return "\(error)"
        }
    }

    @Test func itIsRefusedBeforeAnythingIsDone() async throws {
        #expect(
            await self.complaint(["store", "copy", "--to", self.files.databasePath]).hasPrefix(
                "--to names where the store is"
            )
        )
        let inFolderOfKey = self.files.directory.file("keys/vault.sqlite")
        #expect(await self.complaint(["store", "copy", "--to", inFolderOfKey]).contains("move it elsewhere"))
        let live = try await SQLiteStore.openLive(at: self.files.databasePath)
        #expect(await self.complaint(["store", "copy", "--to", self.next]).contains("stop it first"))
        withExtendedLifetime(live) {}
        #expect(try await self.files.run("token", "list").contains { $0.contains("sample") })
        #expect(!FileManager.default.fileExists(atPath: self.next))
    }

    @Test func anAnswerThatTheStoreDoesNotTakeIsNotLeftBehind() async throws {
        let journal = try AnswerJournal(path: AnswerJournal.path(ofStore: self.files.databasePath))
        let damaged = Data("TVANSWR1".utf8) + Data(count: 4088)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: journal.path))
        try handle.write(contentsOf: damaged)
        try handle.close()
        #expect(await self.complaint(["store", "copy", "--to", self.next]).hasPrefix("Nothing was copied: 1 answers"))
        #expect(try await self.files.run("token", "list").contains { $0.contains("sample") })
    }
}
