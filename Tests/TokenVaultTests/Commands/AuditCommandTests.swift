import Foundation
import GRDB
import HTTPTypes
import ProgramSupport
import TestSupport
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

struct AuditCommandTests {
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
    }

    /// Adds an entry as if the vault had written it at that time.
    private func add(at time: String, token: String = "sample") async throws {
        let date = try Date(time, strategy: .iso8601)
        let store = try await self.files.open(now: { date })
        try await store.append([
            AuditEntry(
                principal: TestIssuer.principal,
                action: .postToken,
                service: "dropbox",
                token: token,
                outcome: .notFound
            )
        ])
    }

    @Test func entriesAreListedAndPrunedByDay() async throws {
        try await self.add(at: "2020-01-30T23:59:59Z")
        try await self.add(at: "2020-01-31T00:00:00Z", token: "a\tb\nc")
        let first = [
            "2020-01-30T23:59:59Z", TestIssuer.tenantID, TestIssuer.objectID, "postToken", "dropbox", "sample",
            "notFound", "", "",
        ].joined(separator: "\t")
        let second = first.replacing("30T23:59:59", with: "31T00:00:00").replacing(
            "sample",
            with: "a\u{fffd}b\u{fffd}c"
        )
        #expect(try await self.files.run("audit", "list") == [first, second])
        #expect(try await self.files.run("audit", "list", "--before", "2020-01-31") == [first])
        let lines = try await self.files.run("audit", "prune", "--before", "2020-01-31")
        #expect(lines.count == 1)
        #expect(
            lines.first?.hasPrefix("Deleted 1 entries of the audit from before 2020-01-31T00:00:00Z. The store takes ")
                == true
        )
        let left = try await self.files.run("audit", "list")
        #expect(left.count == 2)
        #expect(left.first == second)
        let note = [
            "local", "uid \(getuid())", "pruneAudit", "", "", "pruned", "1 from before 2020-01-31T00:00:00Z", "",
        ]
        #expect(left.last?.hasSuffix(note.joined(separator: "\t")) == true)
        #expect(
            try await self.files.run("audit", "prune", "--before", "2020-01-31")
                == ["Nothing was deleted: the audit has no entry from before 2020-01-31T00:00:00Z."]
        )
    }

    @Test func entriesArePrunedByAge() async throws {
        try await self.add(at: Date(timeIntervalSinceNow: -10 * 86_400).formatted(.iso8601))
        try await self.add(at: Date(timeIntervalSinceNow: -86_000).formatted(.iso8601))
        #expect(try await self.files.run("audit", "prune", "--older-than", "1").first?.hasPrefix("Deleted 1 ") == true)
        #expect(try await self.files.run("audit", "list").count == 2)
    }

    @Test func daysAreCountedFromTheLastEntryWhenTheClockRunsAhead() async throws {
        for day in 1...5 {
            try await self.add(at: "2020-01-0\(day)T00:00:00Z")
        }
        #expect(try await self.files.run("audit", "prune", "--older-than", "2").first?.hasPrefix("Deleted 2 ") == true)
        #expect(try await self.files.run("audit", "prune", "--older-than", "2").first?.hasPrefix("Nothing ") == true)
    }

    /// Adds what the vault and its commands write, whatever the clock says.
    private func addOwn(at date: Date) async throws {
        try await self.files.open(now: { date }).append([
            .command(.backUp), .command(.rotateKey),
            AuditEntry(principal: .vault, action: .renewToken, outcome: .renewed),
        ])
    }

    @Test func ownEntriesOfAClockThatRanAheadMakeNothingOldAndHoldNoVaultUp() async throws {
        let right = Date(timeIntervalSinceNow: -400 * 86_400)
        for day in (0..<5).reversed() {
            try await self.add(at: (right - Double(day) * 86_400).formatted(.iso8601))
        }
        // As the timer sees it with a clock that is 400 days ahead.
        try await self.addOwn(at: Date())
        try await self.addOwn(at: Date(timeIntervalSinceNow: 365 * 86_400))
        try await ClockCheck.check(self.files.open(), now: Date())
        #expect(try await self.files.run("audit", "prune", "--older-than", "30").first?.hasPrefix("Nothing ") == true)
        #expect(try await self.files.run("audit", "list").count == 11)
    }

    /// The clock of whoever makes the tokens may have run ahead as well, as where it is the same.
    @Test func aLongSilenceBeforeWhatWouldStayIsAskedAbout() async throws {
        try await self.add(at: Date(timeIntervalSinceNow: -40 * 86_400).formatted(.iso8601))
        try await self.add(at: Date(timeIntervalSinceNow: -60).formatted(.iso8601))
        do {
            try await self.files.run("audit", "prune", "--older-than", "30")
            Issue.record("it was pruned")
        } catch {
            #expect((error as? CommandRefusal)?.description.contains("--accept-gap") == true)
        }
        #expect(try await self.files.run("audit", "list").count == 2)
        let lines = try await self.files.run("audit", "prune", "--older-than", "30", "--accept-gap")
        #expect(lines.first?.hasPrefix("Deleted 1 ") == true)
    }

    @Test func aClockThatIsRightAgainIsAccepted() async throws {
        try await self.add(at: Date(timeIntervalSinceNow: 365 * 86_400).formatted(.iso8601))
        let store = try await self.files.open()
        do {
            try await ClockCheck.check(store, now: Date())
            Issue.record("it was believed")
        } catch {
            #expect((error as? UnavailableError)?.description.contains("`token-vault audit accept-clock`") == true)
        }
        try await self.files.run("audit", "accept-clock")
        try await ClockCheck.check(store, now: Date())
        await #expect(throws: UnavailableError.self) { try await ClockCheck.check(store, now: Date() - 3600) }
        let last = try await self.files.run("audit", "list").last
        #expect(last?.contains("\tuid \(getuid())\tacceptClock\t") == true)
    }

    @Test(arguments: [
        ([], "Say what may go: --before DATE or --older-than DAYS."),
        (["--before", "yesterday"], "--before is not a day or a time such as 2030-01-31"),
        (["--before", "2999-01-01"], "--before has not come yet"),
        (["--older-than", "0"], "--older-than is not a number of days from 1 to 36500."),
        (["--older-than", "99999999999"], "--older-than is not a number of days from 1 to 36500."),
        (["--older-than", "1", "--before", "2020-01-01"], "Give --before or --older-than, not both."),
    ])
    func aBadAgeIsRefusedAndNothingGoes(options: [String], complaint: String) async throws {
        try await self.add(at: "2019-01-01T00:00:00Z")
        do {
            try await self.files.run(["audit", "prune"] + options)
            Issue.record("it was pruned")
        } catch {
            #expect((error as? UsageError)?.description.hasPrefix(complaint) == true)
        }
        #expect(try await self.files.run("audit", "list").count == 1)
    }

    @Test func aBrokenAuditEndsWithItsFirstFinding() async throws {
        try await self.add(at: "2020-01-30T23:59:59Z")
        let live = try LivenessFile(databasePath: self.files.databasePath)
        let date = try Date("2020-02-01T00:00:00Z", strategy: .iso8601)
        let opened = try await self.files.open(now: { date })
        let sealer = try await opened.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        let store = try await opened.chainingAudit(sealer: sealer, live: live)
        let entry = AuditEntry(principal: TestIssuer.principal, action: .postToken, outcome: .notFound)
        try await store.append([entry, entry, entry])
        let head = try #require(try await self.files.run("audit", "head").first)
        #expect(
            try await self.files.run("audit", "verify", "--head", head) == [
                "3 entries are as they were written.",
                "1 are from before the audit was chained: nobody can say whether they are whole.",
            ]
        )
        try await store.pool.write { db in
            try db.execute(sql: "DROP TRIGGER audit_is_not_changed; UPDATE audit SET outcome = 'given' WHERE id = 3")
        }
        let complaint = "Entry 3 was changed, or another was put in its place."
        await #expect(throws: CommandRefusal("The audit is broken: \(complaint)")) {
            try await self.files.run("audit", "verify")
        }
        #expect(self.files.output.value.first == complaint)
        await #expect(throws: CommandRefusal.self) {
            try await self.files.run("audit", "prune", "--before", "2021-01-01")
        }
        #expect(try await self.files.run("audit", "list").count == 4)
        try await self.files.run("audit", "prune", "--before", "2021-01-01", "--accept-broken")
        #expect(try await self.files.run("audit", "list").count == 1)
    }

    @Test func aGivenTokenIsFoundByItsFingerprint() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("the-token")
        _ = try await vault.send(.post, "/services/dropbox/tokens/sample", body: "")
        _ = try await vault.send(.post, "/services/dropbox/tokens/none", body: "")
        let fingerprint = try #require(try await vault.files.run(["audit", "fingerprint"], input: "the-token\n").first)
        let lines = try await vault.files.run("audit", "list").filter { $0.contains("\tpostToken\t") }
        #expect(lines.map { $0.hasSuffix("\t\(fingerprint)\t") } == [true, false])
        #expect(!lines.joined().contains("the-token"))
    }
}
