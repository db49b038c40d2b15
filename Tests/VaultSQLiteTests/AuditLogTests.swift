import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// A database that may not grow stands in for a full disk: SQLite reports both in the same way.
struct AuditLogTests {
    private let files: SQLiteStoreFixture
    private let store: SQLiteStore
    private let log = LogCapture()
    private let audit: AuditLog

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
        self.store = try await self.files.openChained().store
        self.audit = AuditLog(store: self.store, logger: self.log.logger)
    }

    private static let entry = AuditEntry(
        principal: Principal.sample,
        action: .postToken,
        service: "dropbox",
        token: "sample",
        outcome: .given
    )

    /// Lets the database grow by so many pages, and no further.
    private func limit(pages: Int) async throws {
        try await self.store.pool.writeWithoutTransaction { db in
            let count = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(count + pages)")
        }
    }

    /// Adds entries until there is no room, many at a time.
    private func fill() async throws -> Int {
        var count = 0
        for batch in [1000, 10, 1] {
            do {
                while true {
                    try await self.store.pool.write { [store = self.store] db in
                        try store.append(Array(repeating: Self.entry, count: batch), at: 1_767_225_600, in: db)
                    }
                    count += batch
                }
            } catch let error as DatabaseError where error.isOutOfSpace {}
        }
        return count
    }

    private func rows() async throws -> Int {
        try await self.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM audit") ?? 0 }
    }

    @Test func whatIsReservedHoldsTensOfThousandsOfEntries() async throws {
        await self.audit.keepRoom()
        try await self.limit(pages: 0)
        #expect(try await self.fill() > 40_000)
        await #expect(throws: AccessDenial.notRecorded) { try await self.audit.append(Self.entry) }
    }

    @Test func aFullDiskIsReportedOnceAndSoIsItsEnd() async throws {
        try await self.limit(pages: 0)
        let count = try await self.fill()
        for _ in 0..<5 {
            await #expect(throws: AccessDenial.notRecorded) { try await self.audit.append(Self.entry) }
        }
        #expect(try await self.rows() == count)
        #expect(self.log.lines.count == 1)
        #expect(self.log.lines.first?.hasPrefix("error The disk of the store is full: no token is handed out") == true)

        try await self.limit(pages: 10_000)
        try await self.audit.append(Self.entry)
        #expect(try await self.rows() == count + 1)
        #expect(self.log.lines.count == 2)
        #expect(self.log.lines.last == #"notice The audit can be written again ["refused": 5]"#)
    }

    @Test func littleRoomIsAWarningBeforehand() async throws {
        try await self.limit(pages: 100)
        try await self.audit.append(Self.entry)
        try await self.audit.append(Self.entry)
        #expect(self.log.lines.count == 1)
        #expect(self.log.lines.first?.hasPrefix("error The disk of the store is almost full") == true)
        #expect(try await self.rows() == 2)
    }

    @Test func roomIsMadeWhileThereIsSome() async throws {
        try await self.audit.append(Self.entry)
        let free = try await self.store.pool.read { try SQLiteStore.freePages(in: $0) }
        #expect(free >= SQLiteStore.reservedPages)
        #expect(self.log.lines.isEmpty)
    }
}
