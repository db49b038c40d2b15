import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// Leases of vaults on several machines, which have no clock in common.
struct LeaseTests {
    private static let key = TokenKey(service: "dropbox", token: "sample")
    private static let terms = RenewalTerms(rotation: .strict)

    /// A vault on a machine.
    private struct Machine {
        let clock: MachineClock
        let store: PostgresStore
        let live: PostgresInstance
        let sealer: CredentialSealer

        init(_ name: String, boot: String, at milliseconds: Int64 = 0, of files: PostgresFixture) async throws {
            let clock = MachineClock(boot, at: milliseconds)
            self.clock = clock
            (self.store, self.sealer, self.live) = try await files.openChained(machine: name, leaseNow: { clock.now })
        }

        func arm(isDue: Bool = true) async throws -> ArmDecision? {
            try await self.store.changeRenewal(of: LeaseTests.key, sealer: self.sealer) { row in
                let (decision, writes) = row.arm(
                    ArmRequest(
                        owner: self.live.owner,
                        now: self.clock.now,
                        date: Date(),
                        isDue: isDue,
                        terms: LeaseTests.terms,
                        isAlive: self.live.isAlive
                    )
                )
                return (result: decision, writes: writes)
            }
        }
    }

    private let files: PostgresFixture

    init() async throws {
        self.files = try await PostgresFixture()
        try await self.files.makeStore()
        let store = try await self.files.open()
        _ = try await store.createService("dropbox", provider: "dropbox")
        let credential = Credential(accessToken: "a", expiresOn: Date() + 10, refreshToken: "r")
        _ = try await store.saveCredential(
            credential,
            service: "dropbox",
            token: "sample",
            sealer: self.files.sealer(of: store)
        )
    }

    private func isArmed(_ decision: ArmDecision?) -> Bool {
        if case .armed? = decision { true } else { false }
    }

    @Test func aLeaseOfAnotherMachineIsOverWhenItWasSeenForItsWholeLength() async throws {
        let one = try await Machine("one", boot: "a", at: 5_000_000, of: self.files)
        let other = try await Machine("two", boot: "b", at: 77, of: self.files)
        #expect(self.isArmed(try await one.arm()))
        // However long ago it began: this machine sees it now.
        #expect(try await other.arm() == .busy)
        other.clock.advance(by: Self.terms.lease - .milliseconds(1))
        #expect(try await other.arm() == .busy)
        other.clock.advance(by: .milliseconds(1))
        #expect(try await other.arm() != .busy)
        #expect(try await other.store.renewal(of: Self.key)?.lease.epoch == 1)
    }

    @Test func aLeaseThatWasTakenOnceMoreIsAnotherOne() async throws {
        let one = try await Machine("one", boot: "a", of: self.files)
        let other = try await Machine("two", boot: "b", of: self.files)
        guard case .armed(let permit)? = try await one.arm() else {
            Issue.record("it was not armed")
            return
        }
        #expect(try await other.arm() == .busy)
        other.clock.advance(by: .seconds(40))
        let _: Bool? = try await one.store.changeRenewal(of: Self.key, sealer: one.sealer) { row in
            row.withdraw(permit, terms: Self.terms)
            return (result: true, writes: [])
        }
        #expect(self.isArmed(try await one.arm()))
        #expect(try await other.arm() == .busy)
        other.clock.advance(by: .seconds(40))
        #expect(try await other.arm() == .busy)
        other.clock.advance(by: .seconds(5))
        #expect(try await other.arm() != .busy)
    }

    @Test func twoContainersOfOneMachineDoNotTakeOneAnotherForDead() async throws {
        let one = try await Machine("one", boot: "a", of: self.files)
        let other = try await Machine("two", boot: "a", of: self.files)
        #expect(self.isArmed(try await one.arm()))
        #expect(try await other.arm() == .busy)
        other.clock.advance(by: Self.terms.lease)
        #expect(try await other.arm() != .busy)
    }

    @Test func whoHasTheSameLockFileSeesAtOnceThatTheOwnerEnded() async throws {
        var one: Machine? = try await Machine("one", boot: "a", of: self.files)
        let other = try await Machine("one", boot: "a", of: self.files)
        #expect(self.isArmed(try await one?.arm()))
        #expect(try await other.arm() == .busy)
        one = nil
        #expect(try await other.arm() != .busy)
    }

    @Test func aPauseOfOneMachineIsKeptByTheOthers() async throws {
        let one = try await Machine("one", boot: "a", at: 9_000_000, of: self.files)
        let other = try await Machine("two", boot: "b", of: self.files)
        guard case .armed(let permit)? = try await one.arm() else {
            Issue.record("it was not armed")
            return
        }
        let now = one.clock.now
        let _: Bool? = try await one.store.changeRenewal(of: Self.key, sealer: one.sealer) { row in
            let (_, writes) = row.settle(
                .postponed(retryAfter: .seconds(100)),
                permit: permit,
                terms: Self.terms,
                now: now,
                date: Date()
            )
            return (result: true, writes: writes)
        }
        guard case .paused(let until)? = try await other.arm() else {
            Issue.record("the other machine does not know of the pause")
            return
        }
        let rest = try #require(other.clock.now.duration(to: until))
        #expect((.seconds(95)...Duration.seconds(101)).contains(rest))
        // The sweep leaves it alone meanwhile, and somebody else's pause is not written again.
        #expect(try await self.due(at: other).isEmpty)
        let before = try await self.files.sql("SELECT retry_boot, retry_ms, retry_on FROM renewal")
        _ = try await other.arm(isDue: false)
        #expect(try await self.files.sql("SELECT retry_boot, retry_ms, retry_on FROM renewal") == before)
        // A database whose clock was set back by a day does not make a day of it.
        try await self.files.sql("UPDATE renewal SET retry_on = retry_on + 86400000")
        #expect(try await self.due(at: other) == ["sample"])
        #expect(self.isArmed(try await other.arm()))
    }

    private func due(at machine: Machine) async throws -> [String] {
        try await machine.store.renewalsDue(
            RenewalSearch(date: Date() + 3600, now: machine.clock.now, storedBefore: Date(), limit: 9)
        ).map(\.token.token)
    }
}
