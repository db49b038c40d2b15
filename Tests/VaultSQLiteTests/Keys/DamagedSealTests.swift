import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// A rotation meets a row that does not open, in each table that holds something sealed.
@Suite(.timeLimit(.minutes(5)))
struct DamagedSealTests {
    private static let names = [
        "credential": "credential dropbox/token-0", "credential_counter": "credential_counter dropbox/token-0",
        "service_secret": "service_secret dropbox", "renewal": "renewal dropbox/token-0",
        "quarantine": "quarantine dropbox/token-0", "pending_login": "pending_login dropbox/token-1",
        "pending_credential": "pending_credential dropbox/token-2", "audit_key": "audit_key",
    ]

    /// The store as a vault that serves has it: it opened the key of the audit before the damage.
    private func damaged(_ table: SealedTable) async throws -> (SealedStoreSample, SQLiteStore) {
        let sample = try await SealedStoreSample()
        let live = try LivenessFile(databasePath: sample.files.databasePath)
        let store = try await sample.store.chainingAudit(sealer: sample.sealer, live: live)
        let count = try await sample.store.pool.write { db in
            try db.execute(
                sql: """
                    UPDATE \(table.name) SET \(table.columns[0]) = zeroblob(40)
                    WHERE rowid = (SELECT min(rowid) FROM \(table.name))
                    """
            )
            return db.changesCount
        }
        #expect(count == 1)
        return (sample, store)
    }

    @Test(arguments: SealedTable.all.map(\.name))
    func itIsNamedAndTheRestIsSealedAgain(name: String) async throws {
        let table = try #require(SealedTable.all.first { $0.name == name })
        let (sample, store) = try await self.damaged(table)
        let old = sample.sealer.keys.currentKeyID
        let rotation = KeyRotation(store: store, sealer: sample.sealer, journal: nil)
        _ = try await rotation.begin()
        let report = try await rotation.finish()
        let expected = [try #require(Self.names[name])]
        if name == "quarantine" {
            // Nobody waits for what came too late: it must not keep a key that may have leaked.
            #expect(report.dropped == expected)
            #expect(report.unreadable == [])
            #expect(report.removed == [old])
            #expect(try await sample.store.leftovers().quarantined == 0)
        } else {
            #expect(report.unreadable == expected)
            #expect(report.dropped == [])
            #expect(report.remaining == [old])
        }
        let others = try await sample.store.dataKeyUsage().first { $0.keyID == old }?.values ?? 0
        #expect(others == (name == "quarantine" ? 0 : table.columns.count))
    }
}
