import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// Whether a database is the one that was served, on several machines.
struct OriginTests {
    private typealias Settled = (origin: StoreOrigin, setAside: Int)

    private static let key = TokenKey(service: "dropbox", token: "sample")
    private let files: PostgresFixture
    private let sealer: CredentialSealer

    init() async throws {
        self.files = try await PostgresFixture()
        try await self.files.makeStore()
        let store = try await self.files.open()
        self.sealer = try await self.files.sealer(of: store)
        _ = try await store.createService("dropbox", provider: "dropbox")
        let credential = Credential(accessToken: "a", expiresOn: Date(), refreshToken: "r")
        _ = try await store.saveCredential(credential, service: "dropbox", token: "sample", sealer: self.sealer)
    }

    /// As a vault does before it sends a refresh token.
    private func arm(_ store: PostgresStore) async throws {
        let _: Bool? = try await store.changeRenewal(of: Self.key, sealer: self.sealer) { row in
            row.lease.phase = .armed
            row.lease.epoch += 1
            return (result: true, writes: [])
        }
    }

    private static func settle(_ store: PostgresStore) async throws -> Settled {
        try await store.settle(rotating: ["dropbox"]) { count in
            AuditEntry(principal: .vault, action: .setGrantsAside, outcome: .allowed, detail: "\(count)")
        }
    }

    private func isCopy(_ origin: StoreOrigin) -> Bool {
        if case .copy = origin { true } else { false }
    }

    @Test func aMachineJoinsAStoreThatLiesWhereItWasMarked() async throws {
        let one = try await self.files.open()
        #expect(try await one.origin() == .unmarked)
        try await one.mark()
        #expect(try await one.origin() == .same)
        let two = try await self.files.open(machine: "two")
        #expect(try await two.origin() == .same)
        try await self.arm(one)
        try await self.arm(two)
        for machine in ["one", "two", "three"] {
            #expect(try await self.files.open(machine: machine).origin() == .same)
        }
    }

    @Test func aDatabaseThatWasPutBackIsNoticedByWhoeverSentSomethingSince() async throws {
        let one = try await self.files.open()
        try await one.mark()
        let two = try await self.files.open(machine: "two")
        #expect(try await Self.settle(two).origin == .same)
        let before = try await self.files.sql("SELECT stripe, count FROM armed")
        try await self.arm(one)
        // The other machine sends nothing, but it sees that others do.
        _ = try await two.renewalsDue(
            RenewalSearch(date: Date(), now: LeaseClock.system.now(), storedBefore: Date(), limit: 9)
        )
        for line in before.split(separator: "\n") {
            let parts = line.split(separator: "|")
            try await self.files.sql("UPDATE armed SET count = \(parts[1]) WHERE stripe = \(parts[0])")
        }
        for machine in ["one", "two"] {
            #expect(self.isCopy(try await self.files.open(machine: machine).origin()))
        }
        // Those that run send nothing either.
        for store in [one, two] {
            let error = await #expect(throws: StoreError.self) { try await self.arm(store) }
            #expect(error?.code == .unusable)
        }
        #expect(try await one.renewal(of: Self.key)?.lease.epoch == 1)
        // Once somebody has judged it, it is what they all go on with.
        let again = try await self.files.open()
        try await again.mark()
        for machine in ["one", "two", "three"] {
            #expect(try await self.files.open(machine: machine).origin() == .same)
        }
    }

    @Test func aDumpInAnotherPlaceIsACopyEverywhere() async throws {
        let one = try await self.files.open()
        try await one.mark()
        try await self.files.sql("UPDATE store SET marked_system = '1/2'")
        for machine in ["one", "new"] {
            #expect(self.isCopy(try await self.files.open(machine: machine).origin()))
        }
    }

    @Test func onlyAMachineThatServedTheStoreTellsAFailOverFromARestore() async throws {
        let one = try await self.files.open()
        try await one.mark()
        try await self.files.sql("UPDATE store SET marked_timeline = '0000FFFF'")
        for _ in 0..<2 {
            guard case .undecided = try await self.files.open(machine: "new").origin() else {
                Issue.record("a machine that never served the store decided")
                return
            }
        }
        #expect(try await Self.settle(one).origin == .same)
        // That one has said that it was no restore.
        #expect(try await self.files.open(machine: "new").origin() == .same)
        // So does whoever accepts it.
        try await self.files.sql("UPDATE store SET marked_timeline = '0000FFFF'")
        try await self.files.open(machine: "newer").mark()
        #expect(try await self.files.open(machine: "newest").origin() == .same)
    }

    @Test func aStoreThatWasMarkedBeforeHistoriesWereNotedIsJoined() async throws {
        let one = try await self.files.open()
        try await one.mark()
        try await self.files.sql("UPDATE store SET marked_timeline = NULL")
        #expect(try await Self.settle(self.files.open(machine: "new")).origin == .same)
        let noted = try await self.files.sql("SELECT marked_timeline FROM store")
        #expect(noted.trimmingCharacters(in: .newlines) == "00000001")
    }

    @Test(arguments: ["one", "two"])
    func ofTwoThatStartTogetherOnACopyOneJudges(machine: String) async throws {
        try await self.files.open().mark()
        let stores = [try await self.files.open(), try await self.files.open(machine: machine)]
        for round in 1...20 {
            try await self.files.sql("UPDATE store SET marked_system = '1/2'")
            let ends = try await withThrowingTaskGroup(of: Settled.self) { group in
                for store in stores { group.addTask { try await Self.settle(store) } }
                return try await group.reduce(into: [Settled]()) { $0.append($1) }
            }
            let copies = ends.filter { self.isCopy($0.origin) }
            #expect(copies.map(\.setAside) == [1], "round \(round): \(ends)")
            #expect(ends.count { $0.origin == .same && $0.setAside == 0 } == 1, "round \(round): \(ends)")
            for store in stores { #expect(try await store.origin() == .same, "round \(round)") }
            let asides = try await self.files.sql("SELECT set_asides FROM store")
            #expect(asides.trimmingCharacters(in: .newlines) == "\(round)")
            let back = try await stores[0].takeGrantsBack { count in
                AuditEntry(principal: .vault, action: .acceptCopy, outcome: .allowed, detail: "\(count)")
            }
            #expect(back == 1, "round \(round)")
        }
    }

    @Test func grantsAreSetAsideAndTakenBackWithAnEntryEach() async throws {
        let store = try await self.files.open()
        let entry: @Sendable (Int) -> AuditEntry = {
            AuditEntry(principal: .vault, action: .setGrantsAside, outcome: .allowed, detail: "\($0)")
        }
        #expect(try await store.setGrantsAside(of: ["other"], entry: entry) == 0)
        #expect(try await store.setGrantsAside(of: ["dropbox"], entry: entry) == 1)
        #expect(try await store.token(service: "dropbox", name: "sample")?.problem == .restored)
        let search = RenewalSearch(date: Date() + 9, now: LeaseClock.system.now(), storedBefore: Date(), limit: 9)
        #expect(try await store.renewalsDue(search).isEmpty)
        #expect(try await store.takeGrantsBack(entry: entry) == 1)
        #expect(try await store.renewalsDue(search).count == 1)
        var details: [String] = []
        try await store.readAudit(before: nil) { details.append($0.detail) }
        #expect(details == ["0", "1", "1"])
    }
}
