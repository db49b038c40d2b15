import Foundation
import TestSupport
import Testing
import VaultTestSupport

@testable import VaultCore

/// The file for answers that the store cannot take.
struct AnswerJournalTests {
    private let directory: TemporaryDirectory
    private var path: String { self.directory.file("vault.sqlite-answers") }

    init() throws { self.directory = try TemporaryDirectory() }

    private func open(blocks: Int = 8) throws -> AnswerJournal {
        try AnswerJournal(path: self.path, size: blocks * JournalLayout.blockSize)
    }

    /// Changes bytes of the file behind the journal's back.
    private func overwrite(_ bytes: [UInt8], at offset: Int) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: self.path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    private func payloads(_ journal: AnswerJournal) async throws -> [String] {
        try await journal.contents().records.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test func whatIsAddedIsThereForWhoeverOpensTheFileNext() async throws {
        let long = String(repeating: "x", count: 9000)
        for payload in ["one", long, "", "two"] { _ = try await self.open().append(Data(payload.utf8)) }
        #expect(try await self.payloads(self.open()) == ["one", long, "", "two"])
    }

    @Test func itsRoomIsTakenWhenItIsMadeAndNobodyElseMayReadIt() throws {
        let journal = try AnswerJournal(path: self.path)
        #expect(journal.hasRoom)
        #expect(try Data(contentsOf: URL(fileURLWithPath: self.path)) == Data(count: AnswerJournal.defaultSize))
        #expect(try TemporaryDirectory.mode(of: self.path) == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: self.path)
        #expect(throws: StoreError.self) { try self.open() }
        try FileManager.default.moveItem(atPath: self.path, toPath: self.directory.file("elsewhere"))
        try FileManager.default.createSymbolicLink(atPath: self.path, withDestinationPath: "elsewhere")
        #expect(throws: StoreError.self) { try self.open() }
    }

    @Test func aRecordThatIsTakenOutLeavesItsRoomAndNothingOfItself() async throws {
        let journal = try self.open(blocks: 2)
        for round in 0..<5 {
            let record = try await journal.append(Data("round \(round)".utf8) + Data(count: 5000))
            try await self.open(blocks: 2).remove(record)
            try await journal.remove(record)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: self.path)) == Data(count: 2 * JournalLayout.blockSize))
    }

    @Test func aFullJournalSaysSoAndKeepsWhatItHas() async throws {
        let journal = try self.open(blocks: 2)
        for payload in ["one", "two"] { _ = try await journal.append(Data(payload.utf8)) }
        let error = await #expect(throws: StoreError.self) { _ = try await journal.append(Data("three".utf8)) }
        #expect(error?.code == .full)
        #expect(try await self.payloads(journal) == ["one", "two"])
    }

    @Test(
        arguments: [
            (0, [0x00]), (8, [0xff, 0xff, 0xff, 0xff]), (12, [0x00, 0x01]), (44, [0x00]),
        ] as [(Int, [UInt8])]
    )
    func aDamagedRecordHidesNoOther(offset: Int, bytes: [UInt8]) async throws {
        let journal = try self.open()
        for payload in ["one", "two", "three"] { _ = try await journal.append(Data(payload.utf8)) }
        try self.overwrite(bytes, at: JournalLayout.blockSize + offset)
        #expect(try await self.payloads(journal) == ["one", "three"])
        // Without its first byte it is not known for a record.
        #expect(try await journal.contents().damaged == (offset == 0 ? [] : [1]))
        _ = try await journal.append(Data("four".utf8))
        #expect(Set(try await self.payloads(journal)) == ["one", "three", "four"])
    }

    @Test func manyMayAddAtOnce() async throws {
        let journals = [try self.open(blocks: 64), try self.open(blocks: 64)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { _ = try await journals[number % 2].append(Data("\(number)".utf8)) }
            }
            try await group.waitForAll()
        }
        #expect(Set(try await self.payloads(journals[0])) == Set((0..<40).map { "\($0)" }))
    }

    @Test func oneAtATimeEmptiesIt() async throws {
        let journals = [try self.open(), try self.open()]
        var inner = 0
        await journals[0].replay {
            await journals[0].replay { inner += 1 }
            await journals[1].replay { inner += 1 }
        }
        #expect(inner == 0)
        await journals[1].replay { inner += 1 }
        #expect(inner == 1)
    }

    @Test func noBytesTrap() throws {
        var generator = SystemRandomNumberGenerator()
        let good = JournalLayout.encode(Data("payload".utf8)) + JournalLayout.encode(Data(count: 9000))
        for _ in 0..<200 {
            var bytes = good
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                bytes[Int.random(in: 0..<64, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = JournalLayout.read(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
        }
    }
}
