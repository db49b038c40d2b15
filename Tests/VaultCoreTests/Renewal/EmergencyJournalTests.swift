import Foundation
import TestSupport
import Testing
import TokenTransport
import VaultTestSupport

@testable import VaultCore

/// What becomes of a provider's answer that the store cannot take.
@Suite(.timeLimit(.minutes(5)))
struct EmergencyJournalTests {
    private let fixture: RenewalFixture
    private let directory: TemporaryDirectory
    private var path: String { self.directory.file("answers") }

    init() throws {
        self.fixture = try RenewalFixture()
        self.directory = try TemporaryDirectory()
    }

    private func vault(
        _ owner: String,
        _ refresher: FakeRefresher,
        size: Int = AnswerJournal.defaultSize,
        patience: Duration = Patience.limit
    ) throws -> TokenRenewal {
        // With another vault's process gone.
        try self.fixture.vault(owner, refresher, isAlive: false, journal: AnswerJournal(path: self.path, size: size)) {
            $0.longPatience = patience
        }
    }

    private func records() async throws -> [JournalLayout.Record] {
        try await AnswerJournal(path: self.path).contents().records
    }

    /// A vault whose store takes no answer, and that has one in its journal.
    private func vaultWithoutRoom(_ refresher: FakeRefresher) async throws -> TokenRenewal {
        await self.fixture.put(expiresIn: -1)
        await self.fixture.store.refuseAnswers(.max)
        let vault = try self.vault("a", refresher, patience: .milliseconds(100))
        // Nobody is told anything of it, since nobody could be given it again.
        #expect(try await vault.refresh(self.fixture.token) == .later(.seconds(1)))
        while try await self.records().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        return vault
    }

    private var accessToken: String? {
        get async { await self.fixture.store.entries[self.fixture.token]?.credential.accessToken }
    }

    @Test func anAnswerThatTheStoreCannotTakeIsInTheJournalUntilItCan() async throws {
        let refresher = FakeRefresher()
        _ = try await self.vaultWithoutRoom(refresher)
        #expect(self.fixture.log.text.contains("are in the journal until they can"))
        #expect(!self.fixture.log.text.contains("memory"))
        // It is sealed.
        for word in ["dropbox", "status", "receivedOn"] {
            #expect(try self.directory.contents().range(of: Data(word.utf8)) == nil, "\(word)")
        }
        await self.fixture.store.refuseAnswers(0)
        while await self.fixture.row?.version == 1 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await self.accessToken == "access 1")
        #expect(try await self.records().isEmpty)
        #expect(refresher.calls == 1)
    }

    @Test(arguments: [true, false])
    func anAnswerOutlivesTheVaultThatCouldNotStoreIt(isSweep: Bool) async throws {
        let refresher = FakeRefresher()
        try await self.vaultWithoutRoom(refresher).finish()
        await self.fixture.store.refuseAnswers(0)
        #expect(await self.fixture.row?.lease.phase == .armed)
        let next = try self.vault("b", refresher)
        if isSweep {
            try await next.sweep()
        } else {
            #expect(try await next.refresh(self.fixture.token) == .current)
        }
        #expect(await self.accessToken == "access 1")
        #expect(await self.fixture.row?.problem == nil)
        #expect(try await self.records().isEmpty)
        #expect(refresher.calls == 1)
    }

    @Test func anAnswerThatIsPutBackIntoTheJournalTakesNobodysPlace() async throws {
        let refresher = FakeRefresher()
        try await self.vaultWithoutRoom(refresher).finish()
        let file = URL(fileURLWithPath: self.path)
        let old = try Data(contentsOf: file)
        await self.fixture.store.refuseAnswers(0)
        let vault = try self.vault("b", refresher)
        try await vault.sweep()
        self.fixture.advance(by: .seconds(3601))
        #expect(try await vault.refresh(self.fixture.token) == .current)
        #expect(await self.accessToken == "access 2")
        let writer = try FileHandle(forWritingTo: file)
        try writer.write(contentsOf: old)
        try writer.close()
        while try await !self.records().isEmpty { try await vault.sweep() }
        #expect(await self.accessToken == "access 2")
        #expect(await self.fixture.store.entries[self.fixture.token]?.quarantined.count == 1)
    }

    @Test func whatAFullJournalCannotTakeIsHeldInMemory() async throws {
        let refresher = FakeRefresher()
        await self.fixture.put(expiresIn: -1)
        await self.fixture.store.refuseAnswers(1)
        let vault = try self.vault("a", refresher, size: 0)
        _ = try await vault.refresh(self.fixture.token)
        while await self.fixture.row?.version == 1 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(self.fixture.log.text.contains("exist in memory alone"))
        #expect(await self.accessToken == "access 1")
    }

    @Test func aDamagedRecordIsSaidOnceAndStopsNothing() async throws {
        let refresher = FakeRefresher()
        try await self.vaultWithoutRoom(refresher).finish()
        await self.fixture.store.refuseAnswers(0)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: self.path))
        try file.seek(toOffset: 100)
        try file.write(contentsOf: Data("damage".utf8))
        try file.close()
        let other = TokenKey(service: "dropbox", token: "other")
        await self.fixture.put(other, expiresIn: -1)
        let vault = try self.vault("b", refresher)
        for _ in 0..<2 { try await vault.sweep() }
        #expect(await self.fixture.store.entries[other]?.credential.accessToken == "access 1")
        #expect(self.fixture.log.lines.filter { $0.contains("A record of the journal is damaged") }.count == 1)
    }

    @Test func aRecordThatAnotherKeySealedIsSaidAndLeftThere() async throws {
        let sealer = try RenewalFixture.makeSealer()
        let permit = RenewalPermit(
            epoch: 1,
            version: 1,
            until: LeaseTime(boot: "", milliseconds: 0),
            wasPresented: true
        )
        let answer = JournaledAnswer(Data("{}".utf8), of: self.fixture.token, permit: permit)
        _ = try await AnswerJournal(path: self.path).append(answer.payload(keys: sealer.keys))
        try await self.vault("a", FakeRefresher()).sweep()
        #expect(self.fixture.log.text.contains("A record of the journal is damaged"))
        #expect(try await self.records().count == 1)
    }
}
