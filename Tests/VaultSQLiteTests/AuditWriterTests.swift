import GRDB
import TestSupport
import Testing
import VaultTestSupport

@testable import VaultCore
@testable import VaultSQLite

/// Many callers at once, and what reaches the disk.
struct AuditWriterTests {
    private let files: SQLiteStoreFixture
    private let store: SQLiteStore
    private let sealer: CredentialSealer
    private let log = LogCapture()

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
        (self.store, self.sealer) = try await self.files.openChained()
    }

    private static func entry(_ number: Int) -> AuditEntry {
        AuditEntry(principal: .sample, action: .postToken, service: "dropbox", token: "\(number)", outcome: .given)
    }

    private func tokens() async throws -> [String] {
        try await self.store.pool.read { try String.fetchAll($0, sql: "SELECT token FROM audit ORDER BY id") }
    }

    private func append(_ count: Int, to audit: AuditLog) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<count { group.addTask { try await audit.append(Self.entry(number)) } }
            try await group.waitForAll()
        }
    }

    @Test func thoseWhoComeTogetherShareATransaction() async throws {
        let audit = AuditLog(store: self.store, logger: self.log.logger)
        let transactions = TransactionCounter()
        self.store.pool.add(transactionObserver: transactions, extent: .databaseLifetime)
        try await self.append(500, to: audit)
        #expect(try await self.tokens().count == 500)
        #expect(Set(try await self.tokens()).count == 500)
        #expect(transactions.count.value < 250)
        #expect(try await self.store.verifyAudit(sealer: self.sealer).findings.isEmpty)
        #expect(audit.lag == 0)
    }

    @Test func whatIsBatchedIsOnTheDiskAtTheEnd() async throws {
        let audit = AuditLog(store: self.store, durability: .batched, logger: self.log.logger)
        try await self.append(3000, to: audit)
        #expect(audit.lag <= AuditDurability.batched.unwritten)
        await audit.finish()
        #expect(audit.lag == 0)
        #expect(try await self.tokens().count == 3000)
        #expect(self.log.lines.isEmpty)
    }

    @Test func aFullDiskStopsWhatIsBatchedToo() async throws {
        let audit = AuditLog(store: self.store, durability: .batched, logger: self.log.logger)
        let entry = Self.entry(0)
        try await self.store.pool.write { [store = self.store] db in
            let count = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(count)")
            do {
                while true { try store.append([entry], at: 0, in: db) }
            } catch is DatabaseError {}
        }
        let before = try await self.tokens().count
        var given = 0
        do {
            for number in 0..<100_000 {
                try await audit.append(Self.entry(number))
                given += 1
            }
            Issue.record("the disk was not full")
        } catch AccessDenial.notRecorded {}
        #expect(given <= AuditDurability.batched.unwritten + AuditQueue<Int>.batch)
        try await self.store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        await audit.finish()
        // Every one that was answered is there, and none that was refused.
        #expect(try await self.tokens().count == before + given)
        #expect(try await self.store.verifyAudit(sealer: self.sealer).findings.isEmpty)
    }
}

private final class TransactionCounter: TransactionObserver {
    let count = Box(0)

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { self.count.withLock { $0 += 1 } }
    func databaseDidRollback(_ db: Database) {}
}
