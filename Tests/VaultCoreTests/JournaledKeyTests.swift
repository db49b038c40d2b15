import Foundation
import Testing
import VaultSQLite
import VaultTestSupport

@testable import VaultCore

struct JournaledKeyTests {
    @Test func anAnswerInTheJournalKeepsItsKey() async throws {
        let files = try SQLiteStoreFixture()
        try await files.makeStore()
        let store = try await files.open()
        let sealer = try await store.sealer(keyEncryptionKey: files.keyEncryptionKey())
        let old = sealer.keys.currentKeyID
        let journal = try AnswerJournal(path: AnswerJournal.path(ofStore: files.databasePath))
        let permit = RenewalPermit(
            epoch: 1,
            version: 1,
            until: LeaseTime(boot: "", milliseconds: 0),
            wasPresented: true
        )
        let answer = JournaledAnswer(Data("{}".utf8), of: TokenKey(service: "s", token: "t"), permit: permit)
        let record = try await journal.append(answer.payload(keys: sealer.keys))
        let rotation = KeyRotation(store: store, sealer: sealer, journal: journal)
        _ = try await rotation.begin()
        let report = try await rotation.finish()
        #expect(report.journaled == 1)
        #expect(report.remaining == [old])
        let fresh = try await store.sealer(keyEncryptionKey: files.keyEncryptionKey())
        let opened = try await JournaledAnswer.open(payload: record.payload, sealer: fresh)
        #expect(opened?.answer == Data("{}".utf8))
        try await journal.remove(record)
        #expect(try await rotation.finish().removed == [old])
    }
}
