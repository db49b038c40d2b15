import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// The audit with its chains, when several vaults write it at once.
struct AuditTests {
    private let files: PostgresFixture

    init() async throws {
        self.files = try await PostgresFixture()
        try await self.files.makeStore()
    }

    private static func entries(_ count: Int, _ text: String) -> [AuditEntry] {
        (0..<count).map {
            AuditEntry(
                principal: .vault,
                action: .getToken,
                service: "s",
                token: "\(text) \($0)",
                outcome: .given,
                detail: "a \"quoted\" \\ line\nwith \u{1F600}, and a zero \0 byte"
            )
        }
    }

    @Test(arguments: [
        "UPDATE audit_chain SET seq = \(Int64.max)", "UPDATE audit_chain SET id = \(Int64.max), owner = 'x'",
    ])
    func numbersThatNoVaultCameToAreRefused(statement: String) async throws {
        let (store, _, _) = try await self.files.openChained()
        try await store.append(Self.entries(1, "before"))
        try await self.files.sql(statement)
        let error = await #expect(throws: StoreError.self) { try await store.append(Self.entries(1, "after")) }
        #expect(error?.code == .failed)
        #expect(error?.description.contains("audit verify") == true)
    }

    @Test func vaultsThatWriteAtOnceHaveChainsOfTheirOwnAndAllVerify() async throws {
        let vaults = try await [
            self.files.openChained(machine: "one"), self.files.openChained(machine: "two"),
            self.files.openChained(machine: "three"),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, vault) in vaults.enumerated() {
                for round in 0..<20 {
                    group.addTask { try await vault.store.append(Self.entries(5, "\(number) \(round)")) }
                }
            }
            try await group.waitForAll()
        }
        let (store, sealer, _) = vaults[0]
        let report = try await store.verifyAudit(sealer: sealer)
        #expect(report.findings.isEmpty)
        #expect(report.verified == 300)
        #expect(report.unchained == 0)
        let head = try await store.auditHead()
        #expect(head.ends.count == 3)
        #expect(head.ends.map(\.sequence) == [100, 100, 100])
        // What somebody changes who owns the tables shows.
        try await self.files.sql(
            """
            ALTER TABLE audit DISABLE TRIGGER USER;
            UPDATE audit SET token = 'other' WHERE id = (SELECT id FROM audit ORDER BY id LIMIT 1 OFFSET 150);
            DELETE FROM audit WHERE id = (SELECT id FROM audit ORDER BY id LIMIT 1 OFFSET 10);
            ALTER TABLE audit ENABLE TRIGGER USER
            """
        )
        let broken = try await store.verifyAudit(sealer: sealer, head: head)
        #expect(broken.findingCount == 2)
    }

    @Test(arguments: ["UPDATE audit SET token = ''", "DELETE FROM audit", "TRUNCATE audit"])
    func nobodyChangesTheAuditWithoutTakingItsGuardAway(statement: String) async throws {
        let (store, _, _) = try await self.files.openChained()
        try await store.append(Self.entries(2, "x"))
        await #expect(throws: PostgresPrograms.Failure.self) { try await self.files.sql(statement) }
    }

    @Test func whatIsNotChainedIsRefusedOnceThereIsAKey() async throws {
        let plain = try await self.files.open()
        try await plain.append(Self.entries(2, "plain"))
        let (store, sealer, _) = try await self.files.openChained()
        try await store.append(Self.entries(2, "chained"))
        await #expect(throws: StoreError.self) { try await plain.append(Self.entries(1, "late")) }
        let report = try await store.verifyAudit(sealer: sealer)
        #expect(report.findings.isEmpty)
        #expect(report.unchained == 2)
        #expect(report.verified == 2)
    }

    @Test func aVaultThatIsStartedAgainGoesOnWithTheChainOfTheOneBefore() async throws {
        for round in 0..<3 {
            let (store, _, _) = try await self.files.openChained()
            try await store.append(Self.entries(1, "\(round)"))
        }
        let (store, sealer, _) = try await self.files.openChained(machine: "two")
        try await store.append(Self.entries(1, "other"))
        #expect(try await store.auditHead().ends.map(\.sequence) == [3, 1])
        // After ten minutes nobody will come back to it.
        try await self.files.sql("UPDATE audit_chain SET used_at = used_at - 700 WHERE id = 1")
        let (third, _, _) = try await self.files.openChained(machine: "three")
        try await third.append(Self.entries(1, "third"))
        #expect(try await store.auditHead().ends.map(\.sequence) == [4, 1])
        #expect(try await store.verifyAudit(sealer: sealer).findings.isEmpty)
    }

    @Test func prunedEntriesAreAccountedFor() async throws {
        let clock = ManualClock()
        let (store, sealer, _) = try await self.files.openChained(now: { clock.date })
        let (other, _, _) = try await self.files.openChained(machine: "two", now: { clock.date })
        for round in 0..<10 {
            try await store.append(Self.entries(7, "\(round)"))
            try await other.append(Self.entries(3, "\(round)"))
        }
        clock.advance(by: .seconds(86_400))
        try await store.append(Self.entries(2, "late"))
        let pruned = try await store.pruneAudit(
            before: clock.date - 60,
            by: .vault,
            sealer: sealer,
            batch: 30
        )
        #expect(pruned == 100)
        let report = try await store.verifyAudit(sealer: sealer)
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.pruned == 100)
        #expect(report.verified == 2 + 4)
        var actions: [String] = []
        try await store.readAudit(before: nil) { actions.append($0.action) }
        #expect(actions.count == 6)
        #expect(actions.filter { $0 == "pruneAudit" }.count == 4)
    }

    @Test func aKeyThatWasTakenAwayIsMissed() async throws {
        let (store, sealer, _) = try await self.files.openChained()
        try await store.append(Self.entries(3, "x"))
        #expect(try await store.lostAuditKey() == nil)
        try await self.files.sql("DELETE FROM audit_key")
        #expect(try await store.lostAuditKey() == .keyLost(id: nil))
        let (again, _, _) = try await self.files.openChained()
        try await again.append(Self.entries(1, "y"))
        let report = try await again.verifyAudit(sealer: sealer)
        #expect(report.findings.contains { if case .keyLost = $0 { true } else { false } })
    }
}
