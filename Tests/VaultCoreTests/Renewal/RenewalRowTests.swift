import Foundation
import Testing
import VaultCore

/// What each answer of a provider means, by how it treats used refresh tokens.
struct RenewalRowTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let time = LeaseTime(boot: "boot", milliseconds: 0)

    private func terms(_ rotation: RefreshTokenRotation) -> RenewalTerms { RenewalTerms(rotation: rotation) }

    private func row(refreshToken: String? = "r0", isImported: Bool = false) -> RenewalRow {
        RenewalRow(
            version: 1,
            expiresOn: Self.start + 60,
            obtainedOn: Self.start - 3540,
            refreshDigest: refreshToken.map(Credential.digest),
            isImported: isImported
        )
    }

    private func arm(
        _ row: inout RenewalRow,
        _ rotation: RefreshTokenRotation,
        owner: String = "a",
        seconds: Int = 0,
        isAlive: Bool = true
    ) -> ArmDecision {
        let request = ArmRequest(
            owner: owner,
            now: self.time.advanced(by: .seconds(seconds)),
            date: Self.start + TimeInterval(seconds),
            isDue: true,
            terms: self.terms(rotation),
            isAlive: { _ in isAlive }
        )
        return row.arm(request).decision
    }

    private func settle(
        _ row: inout RenewalRow,
        _ outcome: RefreshOutcome,
        _ rotation: RefreshTokenRotation
    ) -> TokenProblem? {
        guard case .armed(let permit) = self.arm(&row, rotation) else { return .unauthenticated }
        _ = row.settle(outcome, permit: permit, terms: self.terms(rotation), now: self.time, date: Self.start)
        return row.problem
    }

    private static let rotations: [RefreshTokenRotation] = [.none, .grace(.seconds(30)), .previousUntilUsed, .strict]

    private static let table: [(RefreshOutcome, [TokenProblem?])] = [
        (.notSent, [nil, nil, nil, nil]),
        (.noAnswer, [nil, nil, nil, .uncertain]),
        (.gatewayLost, [nil, nil, nil, .uncertain]),
        (.unreadable, [nil, nil, nil, .uncertain]),
        (.postponed(retryAfter: nil), [nil, nil, nil, nil]),
        (.invalidGrant, [.revoked, .revoked, .revoked, .possibleTheft]),
        (.clientRefused, [nil, nil, nil, nil]),
        (.rejected, [nil, nil, nil, nil]),
    ]

    @Test(arguments: table)
    func anAnswerMeansWhatTheRotationMakesOfIt(outcome: RefreshOutcome, problems: [TokenProblem?]) {
        for (rotation, problem) in zip(Self.rotations, problems) {
            var row = self.row()
            #expect(self.settle(&row, outcome, rotation) == problem, "\(rotation)")
            #expect(row.lease.phase == .idle && row.lease.owner == nil)
        }
    }

    @Test func aLeaseWithWhichNothingWasSentIsGivenBackByItsOwnerAlone() throws {
        for rotation in Self.rotations {
            var row = self.row()
            let before = row
            guard case .armed(let permit) = self.arm(&row, rotation) else {
                Issue.record("it was not armed")
                return
            }
            let armed = row
            row.takeBack(permit, owner: "b", terms: self.terms(rotation))
            #expect(row == armed, "\(rotation)")
            row.takeBack(permit, owner: "a", terms: self.terms(rotation))
            #expect(row.lease.owner == nil && row.lease.phase == .idle, "\(rotation)")
            #expect(row.lease.lostAnswers == 0 && row.lease.presentedDigest == nil, "\(rotation)")
            #expect(row.problem == before.problem, "\(rotation)")
            // Nobody takes it for a second presentation: the provider's no means what it means at the first.
            #expect(
                self.settle(&row, .invalidGrant, rotation) == (rotation == .strict ? .possibleTheft : .revoked),
                "\(rotation)"
            )
        }
    }

    /// The lease never came into the store, and somebody else has the same epoch.
    @Test func aLeaseOfSomebodyElseWithTheSameEpochIsLeftAlone() {
        for rotation in Self.rotations {
            var (lost, row) = (self.row(), self.row())
            guard case .armed(let permit) = self.arm(&lost, rotation),
                case .armed = self.arm(&row, rotation, owner: "b")
            else {
                Issue.record("it was not armed")
                return
            }
            #expect(row.lease.epoch == permit.epoch)
            for isAbandoned in [false, true] {
                if isAbandoned { row.lease.owner = nil }
                let before = row
                row.takeBack(permit, owner: "a", terms: self.terms(rotation))
                #expect(row == before, "\(rotation)")
            }
        }
    }

    @Test(arguments: [RenewalLease.Phase.idle, .armed, .answered])
    func aGrantThatWasSetAsideStaysAsItIs(phase: RenewalLease.Phase) {
        for rotation in Self.rotations {
            var row = self.row()
            row.lease.phase = phase
            row.lease.presentedDigest = row.refreshDigest
            row.problem = .restored
            let before = row
            #expect(self.arm(&row, rotation, isAlive: false) == .ended(.restored), "\(rotation)")
            #expect(row == before)
        }
    }

    /// It was set aside while a request was under way, whose answer does not come.
    @Test func aLostAnswerDoesNotBringAGrantBackThatWasSetAside() {
        for rotation in Self.rotations {
            var row = self.row()
            guard case .armed(let permit) = self.arm(&row, rotation) else {
                Issue.record("not armed")
                continue
            }
            row.problem = .restored
            _ = row.settle(.noAnswer, permit: permit, terms: self.terms(rotation), now: self.time, date: Self.start)
            #expect(row.problem == .restored, "\(rotation)")
            #expect(row.lostAnswers == 1)
        }
    }

    @Test func anImportedRefreshTokenThatIsRefusedIsNoTheft() {
        var row = self.row(isImported: true)
        #expect(self.settle(&row, .invalidGrant, .strict) == .revoked)
    }

    @Test func anAnswerWithoutARefreshTokenKeepsTheOldOne() {
        var row = self.row()
        guard case .armed(let permit) = self.arm(&row, .none) else {
            Issue.record("The row was not armed.")
            return
        }
        let credential = Credential(accessToken: "a1", expiresOn: Self.start + 3600)
        #expect(row.land(credential, permit: permit, at: Self.start).landing == .landed)
        #expect(row.refreshDigest == Credential.digest("r0"))
    }

    @Test func aRepointedServiceIsSentNothingAndNothingLandsThere() {
        var row = self.row()
        guard case .armed(let permit) = self.arm(&row, .strict) else {
            Issue.record("The row was not armed.")
            return
        }
        row.isRepointed = true
        #expect(row.keep(Data([1]), permit: permit).landing == .landed)
        let credential = Credential(accessToken: "a1", expiresOn: Self.start + 3600, refreshToken: "r1")
        let (landing, writes) = row.land(credential, permit: permit, at: Self.start)
        #expect(landing == .repointed && writes.isEmpty)
        #expect(row.refreshDigest == Credential.digest("r0"))
        #expect(self.arm(&row, .strict, owner: "b") == .ended(.serviceChanged))
        row.isRepointed = false
        guard case .readAnswer(let next) = self.arm(&row, .strict, owner: "b") else {
            Issue.record("The answer is not read.")
            return
        }
        #expect(row.land(credential, permit: next, at: Self.start).landing == .landed)
        #expect(row.refreshDigest == Credential.digest("r1"))
    }

    @Test func theLeaseOfALivingOwnerIsKeptAndThatOfADeadOneIsNot() {
        var row = self.row()
        _ = self.arm(&row, .none)
        #expect(self.arm(&row, .none, owner: "b") == .busy)
        guard case .armed = self.arm(&row, .none, owner: "b", isAlive: false) else {
            Issue.record("A dead owner kept its lease.")
            return
        }
    }

    @Test func theRowOfADeadOwnerIsUncertainAtOnceAtAStrictProvider() {
        var row = self.row()
        _ = self.arm(&row, .strict)
        #expect(self.arm(&row, .strict, owner: "b", isAlive: false) == .uncertain)
        #expect(row.problem == .uncertain)
    }

    @Test func nobodyIsToldToWaitForATokenThatIsNeverRenewedAgain() {
        var row = self.row()
        #expect(self.settle(&row, .unreadable, .strict) == .uncertain)
        #expect(self.arm(&row, .strict, seconds: 1) == .uncertain)
        // The pause after the failure is not over yet, and the token is.
        #expect(row.lease.retryAt?.isAfter(self.time.advanced(by: .seconds(5))) == true)
        row.expiresOn = Self.start + 2
        #expect(self.arm(&row, .strict, seconds: 3) == .ended(.lostRotation))
    }

    @Test func aRebootEndsEveryLeaseAndEveryPause() {
        var row = self.row()
        row.lease.owner = "a"
        row.lease.until = LeaseTime(boot: "before", milliseconds: .max)
        row.lease.retryAt = LeaseTime(boot: "before", milliseconds: .max)
        guard case .armed = self.arm(&row, .none) else {
            Issue.record("A lease outlived its boot.")
            return
        }
    }

    @Test func theOneRetryComesWithinTheGrace() {
        let rotation = RefreshTokenRotation.grace(.seconds(30))
        var row = self.row()
        #expect(self.settle(&row, .noAnswer, rotation) == nil)
        guard case .armed = self.arm(&row, rotation, seconds: 10) else {
            Issue.record("There was no retry.")
            return
        }
        var late = self.row()
        #expect(self.settle(&late, .noAnswer, rotation) == nil)
        #expect(self.arm(&late, rotation, seconds: 31) == .uncertain)
    }
}
