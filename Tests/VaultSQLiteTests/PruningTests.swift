import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

struct PruningTests {
    private static let day: TimeInterval = 24 * 60 * 60
    private static let admin = Principal(tenantID: "local", objectID: "uid 0")

    private let files: SQLiteStoreFixture
    private let clock = ManualClock()

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
    }

    private func open() async throws -> SQLiteStore {
        try await self.files.open(now: { [clock = self.clock] in clock.date })
    }

    /// Adds an entry for every day, the oldest first, and the youngest of today.
    private func fill(_ store: SQLiteStore, days: Range<Int>, rowsADay: Int = 1) async throws {
        let now = Int64(self.clock.date.timeIntervalSince1970)
        try await store.pool.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
                    INSERT INTO audit (at, tenant_id, object_id, action, service, token, outcome)
                    SELECT ? + i / ? * 86400, ?, ?, 'postToken', 'dropbox', 'token-' || i % ?, 'given' FROM n
                    """,
                arguments: [
                    days.count * rowsADay, now - Int64(days.upperBound - 1) * 86400, rowsADay,
                    Principal.sample.tenantID, Principal.sample.objectID, rowsADay,
                ]
            )
        }
    }

    private func actions(_ store: SQLiteStore) async throws -> [String] {
        try await store.pool.read { db in
            try String.fetchAll(db, sql: "SELECT action || ' ' || object_id || ' ' || detail FROM audit ORDER BY id")
        }
    }

    private func daysAgo(_ days: Int) -> Date {
        self.clock.date.addingTimeInterval(-Self.day * TimeInterval(days))
    }

    @Test func olderEntriesGoAndThatIsNoted() async throws {
        let store = try await self.open()
        try await self.fill(store, days: 0..<10)
        #expect(try await store.pruneAudit(before: self.daysAgo(4), by: Self.admin) == 5)
        let rows = try await self.actions(store)
        #expect(rows.count == 6)
        #expect(rows.last == "pruneAudit uid 0 5 from before 2025-12-28T00:00:00Z")
        #expect(rows.dropLast().allSatisfy { $0.hasPrefix("postToken \(Principal.sample.objectID)") })
    }

    @Test func notesOfPruningStay() async throws {
        let store = try await self.open()
        try await self.fill(store, days: 0..<3)
        #expect(try await store.pruneAudit(before: self.daysAgo(1), by: Self.admin) == 1)
        self.clock.advance(by: .seconds(Self.day * 365))
        #expect(try await store.pruneAudit(before: self.daysAgo(1), by: Self.admin) == 2)
        #expect(try await store.pruneAudit(before: self.daysAgo(1), by: Self.admin) == 0)
        #expect(try await self.actions(store).map { $0.split(separator: " ")[0] } == ["pruneAudit", "pruneAudit"])
    }

    @Test func everyTransactionNotesItsOwnNumber() async throws {
        let store = try await self.open()
        try await self.fill(store, days: 0..<5, rowsADay: 10)
        #expect(try await store.pruneAudit(before: self.daysAgo(1), by: Self.admin, batch: 12) == 30)
        let notes = try await self.actions(store).filter { $0.hasPrefix("pruneAudit") }
        #expect(notes.map { $0.split(separator: " ")[3] } == ["12", "12", "6"])
    }

    @Test func aClockThatJumpedHidesNoOldEntries() async throws {
        let store = try await self.open()
        try await self.fill(store, days: 5..<6)
        try await self.fill(store, days: -1000 ..< -999)
        try await self.fill(store, days: 5..<6)
        #expect(try await store.pruneAudit(before: self.daysAgo(1), by: Self.admin, batch: 1) == 2)
    }

    @Test func whatIsInterruptedLeavesNothingHalfDone() async throws {
        let store = try await self.open()
        try await self.fill(store, days: 0..<5, rowsADay: 1000)
        let pruning = Task { try await store.pruneAudit(before: self.daysAgo(1), by: Self.admin, batch: 1) }
        let other = try await self.open()
        while try await self.actions(other).last?.hasPrefix("pruneAudit") != true {
            await Task.yield()
        }
        pruning.cancel()
        await #expect(throws: CancellationError.self) { try await pruning.value }
        let rows = try await self.actions(other)
        let noted = rows.filter { $0.hasPrefix("pruneAudit") }.compactMap { Int($0.split(separator: " ")[3]) }
        #expect(rows.filter { $0.hasPrefix("postToken") }.count + noted.reduce(0, +) == 5000)
        let guardRows = try await other.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM audit_pruning") }
        #expect(guardRows == 0)
    }

    @Test func theGuardYieldsToNothingElse() async throws {
        let store = try await self.open()
        try await self.fill(store, days: 0..<3)
        _ = try await store.pruneAudit(before: self.daysAgo(1), by: Self.admin)
        await #expect(throws: DatabaseError.self) {
            try await store.pool.write { try $0.execute(sql: "DELETE FROM audit") }
        }
        // Even while it is pruned, what is young and what tells of pruning cannot go.
        let limit = Int64(self.clock.date.timeIntervalSince1970) + 1
        for condition in ["action = 'pruneAudit'", "at >= \(limit - 1)"] {
            await #expect(throws: DatabaseError.self) {
                try await store.pool.write { db in
                    try db.execute(sql: "INSERT INTO audit_pruning VALUES (\(limit - 1))")
                    try db.execute(sql: "DELETE FROM audit WHERE \(condition)")
                }
            }
        }
    }

    @Test func readersAndWritersGoOnMeanwhile() async throws {
        let store = try await self.open()
        let other = try await self.open()
        try await self.fill(store, days: 0..<2, rowsADay: 5000)
        async let pruned = store.pruneAudit(before: self.clock.date, by: Self.admin, batch: 250)
        let entry = AuditEntry(principal: Principal.sample, action: .getToken, outcome: .notFound)
        for _ in 0..<50 {
            try await other.append([entry])
        }
        #expect(try await pruned == 5000)
        let rows = try await self.actions(other)
        #expect(rows.filter { $0.hasPrefix("getToken") }.count == 50)
        #expect(rows.filter { $0.hasPrefix("postToken") }.count == 5000)
    }

    @Test(arguments: [true, false])
    func spaceGoesBackToTheFileSystem(isOfAnOlderVersion: Bool) async throws {
        if isOfAnOlderVersion {
            let queue = try DatabaseQueue(path: self.files.databasePath)
            try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA auto_vacuum = NONE; VACUUM") }
            try queue.close()
        }
        let store = try await self.open()
        let other = try await self.open()
        try await self.fill(store, days: 1..<2, rowsADay: 100_000)
        try await self.fill(store, days: 0..<1, rowsADay: 1000)
        #expect(try await store.pruneAudit(before: self.clock.date, by: Self.admin) == 100_000)
        #expect(try await store.giveBackSpace() != nil)
        // 100,000 entries are 13 MB; what stays is the reserve.
        let attributes = try FileManager.default.attributesOfItem(atPath: self.files.databasePath)
        #expect((attributes[.size] as? NSNumber)?.intValue ?? .max < 9_500_000)
        let vacuum = try await other.pool.read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") }
        #expect(vacuum == 2)
        let check = try await other.pool.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        #expect(check == "ok")
        #expect(try await self.actions(other).filter { $0.hasPrefix("postToken") }.count == 1000)
    }

    @Test func theReserveIsNotGivenBack() async throws {
        let store = try await self.open()
        #expect(try await store.fillReserve())
        #expect(try await store.giveBackSpace() != nil)
        let free = try await store.pool.read { try SQLiteStore.freePages(in: $0) }
        #expect(free >= SQLiteStore.reservedPages - 10)
    }
}
