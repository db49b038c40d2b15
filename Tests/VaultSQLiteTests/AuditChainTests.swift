import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// Two processes that write into one audit, and somebody who can write the database and has no key.
struct AuditChainTests {
    private static let admin = Principal(tenantID: "local", objectID: "uid 0")

    private let files: SQLiteStoreFixture
    private let clock = ManualClock()
    private let store: SQLiteStore
    private let other: SQLiteStore
    private let sealer: CredentialSealer

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
        let clock = self.clock
        let early = try await self.files.open(now: { clock.date })
        try await early.append([Self.entry("early"), Self.entry("early")])
        (self.store, self.sealer) = try await self.files.openChained(now: { clock.date })
        self.other = try await self.files.openChained(now: { clock.date }).store
    }

    private static func entry(_ token: String) -> AuditEntry {
        AuditEntry(principal: .sample, action: .postToken, service: "dropbox", token: token, outcome: .given)
    }

    /// Entries 3 to 12: those with odd ids are in chain 1, the others in chain 2.
    private func fill() async throws {
        for number in 3...12 {
            try await (number % 2 == 1 ? self.store : self.other).append([Self.entry("\(number)")])
        }
    }

    /// Changes the database as somebody who owns the file can.
    private func tamper(_ sql: String) async throws {
        try await self.store.pool.write { db in
            for name in ["audit_is_not_changed", "audit_is_not_deleted", "audit_is_chained"] {
                try db.execute(sql: "DROP TRIGGER \(name)")
            }
            try db.execute(sql: sql)
        }
    }

    private func verify(_ head: AuditHead? = nil) async throws -> AuditReport {
        try await self.store.verifyAudit(sealer: self.sealer, head: head)
    }

    @Test func anAuditThatNobodyTouchedIsWhole() async throws {
        try await self.fill()
        let report = try await self.verify(try await self.store.auditHead())
        #expect(report.findings.isEmpty)
        #expect((report.verified, report.unchained, report.pruned) == (10, 2, 0))
        #expect(try await self.store.auditHead().ends.map(\.sequence) == [5, 5])
    }

    @Test func anEmptyAuditIsWhole() async throws {
        #expect(try await self.verify().findingCount == 0)
        #expect(try await self.store.auditHead().description == "audit-1:")
    }

    @Test(arguments: [
        "", "\0", "a\0b", "\r\n\t", "é", "e\u{301}", "\u{feff}x", "\u{10ffff}", "\u{1f469}\u{200d}\u{1f467}", "\r\0\n",
        "'; DROP TABLE audit; --", String(repeating: "ä\0", count: 500),
    ])
    func whateverACallerMakesUpIsAsItWasWritten(text: String) async throws {
        try await self.store.append([
            AuditEntry(
                principal: Principal(tenantID: text, objectID: text),
                action: .getToken,
                service: text,
                token: text,
                outcome: .notFound,
                detail: text
            )
        ])
        let report = try await self.verify()
        #expect(report.findings.isEmpty)
        #expect(report.verified == 1)
    }

    private static let copy = "at, tenant_id, object_id, action, service, token, outcome, detail, request, chain"

    @Test(arguments: [
        ("UPDATE audit SET at = at + 1 WHERE id = 6", [AuditFinding.changed(id: 6)]),
        ("UPDATE audit SET tenant_id = 'x' WHERE id = 6", [.changed(id: 6)]),
        ("UPDATE audit SET object_id = 'x' WHERE id = 6", [.changed(id: 6)]),
        ("UPDATE audit SET action = 'getToken' WHERE id = 3", [.changed(id: 3)]),
        ("UPDATE audit SET service = service || token, token = '' WHERE id = 6", [.changed(id: 6)]),
        ("UPDATE audit SET outcome = 'forbidden' WHERE id = 12", [.changed(id: 12)]),
        ("UPDATE audit SET detail = 'x' WHERE id IN (6, 9)", [.changed(id: 6), .changed(id: 9)]),
        ("UPDATE audit SET request = x'00' WHERE id = 6", [.changed(id: 6)]),
        // What follows hangs on a code that is another now.
        ("UPDATE audit SET mac = zeroblob(16) WHERE id = 6", [.changed(id: 6), .changed(id: 8)]),
        ("UPDATE audit SET mac = x'00' WHERE id = 6", [.changed(id: 6), .changed(id: 8)]),
        (
            "UPDATE audit SET mac = NULL, chain = NULL WHERE id = 6",
            [
                .inserted(id: 6), .removed(chain: 2, first: 2, last: 2, id: 8),
            ]
        ),
        ("DELETE FROM audit WHERE id = 6", [.removed(chain: 2, first: 2, last: 2, id: 8)]),
        ("DELETE FROM audit WHERE id IN (3, 5, 7)", [.removed(chain: 1, first: 1, last: 3, id: 9)]),
        ("DELETE FROM audit WHERE id = 12", [.cut(chain: 2, first: 5, last: 5)]),
        ("DELETE FROM audit WHERE id > 8", [.cut(chain: 1, first: 4, last: 5), .cut(chain: 2, first: 4, last: 5)]),
        ("DELETE FROM audit WHERE id % 2 = 0; DELETE FROM audit_chain WHERE id = 2", []),
        ("DELETE FROM audit WHERE id % 2 = 1; DELETE FROM audit_chain WHERE id = 1", [.lost(chain: 1)]),
        (
            "INSERT INTO audit (\(copy), seq, mac) SELECT \(copy), 6, mac FROM audit WHERE id = 12",
            [
                .changed(id: 13), .otherEnd(chain: 2),
            ]
        ),
        (
            "INSERT INTO audit (\(copy), seq, mac) SELECT \(copy), seq, mac FROM audit WHERE id = 12",
            [.inserted(id: 13)]
        ),
        (
            "INSERT INTO audit (\(copy), seq, mac) SELECT \(copy), -9223372036854775808, mac FROM audit WHERE id = 12",
            [
                .inserted(id: 13)
            ]
        ),
        (
            "INSERT INTO audit (\(copy), seq, mac) SELECT \(copy), 9223372036854775807, mac FROM audit WHERE id = 12",
            [
                .inserted(id: 13)
            ]
        ),
        (
            "UPDATE audit SET chain = 9223372036854775807 WHERE id = 12",
            [
                .inserted(id: 12), .cut(chain: 2, first: 5, last: 5),
            ]
        ),
        (
            "INSERT INTO audit (at, tenant_id, object_id, action, service, token, outcome) VALUES (1,'','','','','','')",
            [
                .inserted(id: 13)
            ]
        ),
        // Two entries change places.
        (
            "UPDATE audit SET id = 100 WHERE id = 6; UPDATE audit SET id = 6 WHERE id = 8; UPDATE audit SET id = 8 WHERE id = 100",
            [
                .removed(chain: 2, first: 2, last: 2, id: 6), .inserted(id: 8),
            ]
        ),
        ("UPDATE audit_chain SET seq = seq - 1 WHERE id = 2", [.otherEnd(chain: 2)]),
        ("UPDATE audit_chain SET mac = x'' WHERE id = 2", [.otherEnd(chain: 2)]),
        (
            "UPDATE audit_chain SET seq = 9223372036854775807 WHERE id = 2",
            [
                .cut(chain: 2, first: 6, last: .max)
            ]
        ),
        // A note of pruning that nobody signed.
        (
            """
            DELETE FROM audit WHERE id = 6;
            INSERT INTO audit_checkpoint SELECT 2, 2, 2, (SELECT mac FROM audit WHERE id = 4), zeroblob(16), zeroblob(16)
            """,
            [.removed(chain: 2, first: 2, last: 2, id: 8)]
        ),
    ])
    func whatWasTamperedWithIsNamed(sql: String, findings: [AuditFinding]) async throws {
        try await self.fill()
        try await self.tamper(sql)
        #expect(try await self.verify().findings == findings)
    }

    @Test func whatOnlyAnEarlierHeadShowsIsNamed() async throws {
        try await self.fill()
        let head = try #require(AuditHead(try await self.store.auditHead().description))
        try await self.store.append([Self.entry("13")])
        #expect(try await self.verify(head).findings.isEmpty)
        // The end of chain 2 goes, and its last entry but one becomes the last.
        try await self.tamper(
            """
            DELETE FROM audit WHERE id = 12;
            UPDATE audit_chain SET seq = 4, mac = (SELECT mac FROM audit WHERE id = 10) WHERE id = 2
            """
        )
        #expect(try await self.verify().findings.isEmpty)
        #expect(try await self.verify(head).findings == [.cut(chain: 2, first: 5, last: 5)])
        // Another entry in its place does not help.
        try await self.other.append([Self.entry("another")])
        #expect(try await self.verify().findings.isEmpty)
        #expect(try await self.verify(head).findings == [.otherEnd(chain: 2)])
        try await self.store.pool.write { db in
            try db.execute(sql: "DELETE FROM audit WHERE chain = 2; DELETE FROM audit_chain WHERE id = 2")
        }
        #expect(try await self.verify().findings.isEmpty)
        #expect(try await self.verify(head).findings == [.lost(chain: 2)])
    }

    @Test func theFirstEntryThatIsChainedCannotBeMoved() async throws {
        try await self.fill()
        try await self.tamper(
            "UPDATE audit_key SET first_id = 13; UPDATE audit SET mac = NULL, chain = NULL, seq = NULL"
        )
        await #expect(throws: SealerError.damaged) { try await self.verify() }
    }

    @Test func nothingIsWrittenWithoutItsPlace() async throws {
        let unchained = try await self.files.open()
        await #expect(throws: StoreError.self) { try await unchained.append([Self.entry("x")]) }
        #expect(try await self.verify().unchained == 2)
    }

    @Test func aChainWhoseWriterIsGoneIsContinued() async throws {
        try await self.store.append([Self.entry("a")])
        for _ in 0..<3 {
            let short = try await self.files.openChained().store
            try await short.append([Self.entry("b"), Self.entry("c")])
        }
        let ends = try await self.store.auditHead().ends
        #expect(ends.map(\.chain) == [1, 2])
        #expect(ends.map(\.sequence) == [1, 6])
        #expect(try await self.verify().findings.isEmpty)
    }

    @Test func whatIsRolledBackLeavesNoGap() async throws {
        try await self.store.append([Self.entry("a")])
        await #expect(throws: CancellationError.self) {
            try await self.store.pool.write { [store = self.store] db in
                try store.append([Self.entry("b")], at: 5, in: db)
                throw CancellationError()
            }
        }
        try await self.store.append([Self.entry("c")])
        let report = try await self.verify()
        #expect(report.findings.isEmpty)
        #expect(report.verified == 2)
    }

    @Test(arguments: [1, 2, 3, 100])
    func whatIsPrunedIsSigned(batch: Int) async throws {
        try await self.fill()
        let head = try await self.store.auditHead()
        self.clock.advance(by: .seconds(1000))
        try await self.store.append([Self.entry("late")])
        let count = try await self.store.pruneAudit(
            before: self.clock.date,
            by: Self.admin,
            sealer: self.sealer,
            batch: batch
        )
        #expect(count == 12)
        self.clock.advance(by: .seconds(1000))
        let more = try await self.other.pruneAudit(
            before: self.clock.date,
            by: Self.admin,
            sealer: self.sealer,
            batch: batch
        )
        #expect(more == 1)
        let report = try await self.verify(head)
        #expect(report.findings.isEmpty)
        #expect(report.pruned == 11)
        // Notes of one chain become one where nothing is left between them.
        let notes = try await self.store.pool.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM audit_checkpoint")
        }
        #expect(notes ?? 0 <= 3 + 12 / batch)
    }

    @Test func aClockThatJumpedLeavesHolesThatAreSigned() async throws {
        for jump in [0, 5000, -5000, 5000, -4000, 4000] {
            self.clock.advance(by: .seconds(jump))
            try await self.store.append([Self.entry("a"), Self.entry("b")])
        }
        let count = try await self.store.pruneAudit(
            before: self.clock.date.addingTimeInterval(-10),
            by: Self.admin,
            sealer: self.sealer,
            batch: 3
        )
        #expect(count == 8)
        let report = try await self.verify()
        #expect(report.findings.isEmpty)
        #expect(report.pruned == 6)
    }

    @Test func pruningHidesNothingThatIsBroken() async throws {
        try await self.fill()
        try await self.tamper("UPDATE audit SET outcome = 'forbidden' WHERE id = 6")
        self.clock.advance(by: .seconds(1000))
        await #expect(throws: BrokenAuditError(finding: .changed(id: 6))) {
            try await self.store.pruneAudit(before: self.clock.date, by: Self.admin, sealer: self.sealer)
        }
        #expect(try await self.verify().findings == [.changed(id: 6)])
        _ = try await self.store.pruneAudit(
            before: self.clock.date,
            by: Self.admin,
            sealer: self.sealer,
            acceptsBroken: true
        )
        #expect(try await self.verify().findings.isEmpty)
        let note = try await self.store.pool.read { try String.fetchOne($0, sql: "SELECT detail FROM audit") }
        #expect(
            note?.hasSuffix("; the chain was broken: Entry 6 was changed, or another was put in its place.") == true
        )
    }

    @Test func itIsVerifiedWhileOthersWriteAndPrune() async throws {
        try await self.store.append((0..<30_000).map { Self.entry("\($0)") })
        self.clock.advance(by: .seconds(1000))
        async let pruned = self.other.pruneAudit(
            before: self.clock.date,
            by: Self.admin,
            sealer: self.sealer,
            batch: 5000
        )
        for number in 0..<5 {
            try await self.store.append([Self.entry("new \(number)")])
            #expect(try await self.verify().findings.isEmpty)
        }
        #expect(try await pruned == 30_002)
        #expect(try await self.verify().pruned == 30_000)
    }
}
