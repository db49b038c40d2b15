import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// Somebody takes the key of the audit away, and all that hangs on it, so that the vault makes another.
struct AuditKeyLossTests {
    private static let theft = """
        DROP TRIGGER audit_is_not_changed; DELETE FROM audit_key; DELETE FROM audit_chain; DELETE FROM audit_checkpoint;
        UPDATE audit SET chain = NULL, seq = NULL, mac = NULL, outcome = 'given';
        """
    private let files: SQLiteStoreFixture

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
    }

    private static let entry = AuditEntry(principal: .sample, action: .getToken, outcome: .forbidden)

    private func rows(of store: SQLiteStore) async throws -> [String] {
        var rows: [String] = []
        try await store.readAudit(before: nil) { rows.append("\($0.action) \($0.outcome)") }
        return rows
    }

    /// Entries from before the chains are what a store has that was made by an older version.
    @Test(arguments: [0, 2])
    func itIsNamedEverAfter(unchained: Int) async throws {
        try await self.files.open().append(Array(repeating: Self.entry, count: unchained))
        let (store, sealer) = try await self.files.openChained()
        try await store.append([Self.entry, Self.entry])
        #expect(try await store.verifyAudit(sealer: sealer).findings == [])
        #expect(try await store.lostAuditKey() == nil)
        try await store.pool.write { try $0.execute(sql: Self.theft) }
        #expect(try await store.verifyAudit(sealer: sealer).findings == [.keyLost(id: nil)])

        let first = Int64(unchained + 3)
        for _ in 0..<2 {
            let next = try await self.files.openChained()
            try await next.store.append([Self.entry])
            let report = try await next.store.verifyAudit(sealer: next.sealer)
            #expect(report.findings == [.keyLost(id: first)])
            #expect(report.unchained == unchained + 2)
            #expect(try await next.store.lostAuditKey() == .keyLost(id: first))
        }
        let rows = try await self.rows(of: store).dropFirst(unchained + 2)
        #expect(rows == ["makeAuditKey damaged", "getToken forbidden", "getToken forbidden"])
    }

    @Test func itIsNamedWhereTheEntriesAreGoneToo() async throws {
        let (store, _) = try await self.files.openChained()
        try await store.append([Self.entry, Self.entry])
        try await store.pool.write { db in
            let entries = "DROP TRIGGER audit_is_not_deleted; DELETE FROM audit; DELETE FROM sqlite_sequence;"
            try db.execute(sql: Self.theft + entries)
        }
        let next = try await self.files.openChained()
        #expect(try await next.store.verifyAudit(sealer: next.sealer).findings == [.keyLost(id: 1)])
        #expect(try await self.rows(of: store) == ["makeAuditKey damaged"])
    }

    /// What the store of a version has that chained without noting where that began.
    @Test func aStoreOfBeforeTheNoteIsWhole() async throws {
        let (store, sealer) = try await self.files.openChained()
        try await store.append([Self.entry])
        try await store.pool.write { db in
            try db.execute(
                sql: """
                    ALTER TABLE store DROP COLUMN chained_after;
                    DELETE FROM grdb_migrations WHERE identifier LIKE '10 %'
                    """
            )
        }
        let next = try await self.files.openChained().store
        #expect(try await next.verifyAudit(sealer: sealer).findings == [])
        try await next.pool.write { try $0.execute(sql: Self.theft) }
        #expect(try await next.verifyAudit(sealer: sealer).findings == [.keyLost(id: nil)])
    }
}
