import GRDB
import HTTPTypes
import TestSupport
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

struct HealthRoutesTests {
    @Test func aVaultThatIsWellSaysSo() async throws {
        let vault = try await VaultFixture()
        let alive = try await vault.send(.get, "/healthz")
        #expect(alive.status == 200)
        #expect(alive.body == #"{"status":"alive"}"#)
        let ready = try await vault.send(.get, "/readyz")
        #expect(ready.status == 200)
        #expect(ready.body == #"{"status":"ready"}"#)
        #expect(ready.headers[.cacheControl] == "no-store")
    }

    @Test(arguments: [
        "DROP TABLE store", "DELETE FROM audit_key; DELETE FROM dek", "UPDATE dek SET ciphertext = x'00'",
    ])
    func aStoreThatCannotBeUsedIsNotReady(damage: String) async throws {
        let vault = try await VaultFixture()
        try await vault.store.pool.write { try $0.execute(sql: damage) }
        #expect(try await vault.send(.get, "/readyz").status == 503)
        #expect(try await vault.send(.get, "/healthz").status == 200)
    }

    @Test func manyWhoAskAtOnceMakeOneWriteToTheStore() async throws {
        let vault = try await VaultFixture()
        let before = try await self.writes(vault)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask { try await vault.send(.get, "/readyz").status }
            }
            for try await status in group {
                #expect(status == 200)
            }
        }
        #expect(try await self.writes(vault) - before <= 8)
    }

    /// Pages in the write-ahead log.
    private func writes(_ vault: VaultFixture) async throws -> Int {
        try await vault.store.pool.writeWithoutTransaction { db in
            try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")?["log"] ?? 0
        }
    }
}

struct ReadinessTests {
    private struct Sick: Error {}

    @Test func anAnswerHoldsForFiveSecondsAndABadOneForOne() async throws {
        let start = ContinuousClock.now
        let elapsed = Box(Duration.zero)
        let isWell = Box(true)
        let count = Box(0)
        let readiness = Readiness(
            now: { start + elapsed.value },
            find: {
                count.withLock { $0 += 1 }
                guard isWell.value else { throw Sick() }
            }
        )
        try await readiness.check()
        isWell.withLock { $0 = false }
        elapsed.withLock { $0 = .milliseconds(4_999) }
        try await readiness.check()
        #expect(count.value == 1)
        elapsed.withLock { $0 = .seconds(5) }
        await #expect(throws: Sick.self) { try await readiness.check() }
        isWell.withLock { $0 = true }
        await #expect(throws: Sick.self) { try await readiness.check() }
        #expect(count.value == 2)
        elapsed.withLock { $0 = .seconds(6) }
        try await readiness.check()
        #expect(count.value == 3)
    }
}
