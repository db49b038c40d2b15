import Foundation
import Testing
import VaultCore

struct RenewalChangeTests {
    private static let token = TokenKey(service: "dropbox", token: "sample")

    private static let row = RenewalRow(
        version: 1,
        expiresOn: nil,
        obtainedOn: .distantPast,
        refreshDigest: nil,
        lease: RenewalLease(epoch: 3)
    )

    private func change(
        from problem: TokenProblem? = nil,
        writes: [RenewalWrite] = [],
        _ body: (inout RenewalRow) -> Void = { _ in }
    ) -> RenewalChange<Bool> {
        var row = Self.row
        row.problem = problem
        return RenewalChange(of: row) { row in
            body(&row)
            return (result: true, writes: writes)
        }
    }

    @Test func aChangeThatChangesNothingIsNotWritten() {
        #expect(self.change().isNothing)
        #expect(!self.change(writes: [.forgetAnswer]).isNothing)
        #expect(!self.change { $0.lease.failures = 1 }.isNothing)
        #expect(!self.change { $0.isImported = true }.isNothing)
    }

    @Test func onlyALeaseThatIsTakenToSendIsCounted() {
        #expect(
            self.change {
                $0.lease.phase = .armed
                $0.lease.epoch += 1
            }.isArmed
        )
        // The same lease, as it was.
        #expect(!self.change { $0.lease.phase = .armed }.isArmed)
        // One to read an answer with.
        #expect(
            !self.change {
                $0.lease.phase = .answered
                $0.lease.epoch += 1
            }.isArmed
        )
    }

    @Test(
        arguments: [
            (nil, nil, nil), (nil, .revoked, .failed), (nil, .possibleTheft, .possibleTheft),
            (.revoked, nil, .recovered),
            (.revoked, .lostRotation, nil), (nil, .uncertain, nil), (.uncertain, nil, nil),
        ] as [(TokenProblem?, TokenProblem?, WebhookEvent.Kind?)]
    )
    func whatOthersAreTold(before: TokenProblem?, after: TokenProblem?, kind: WebhookEvent.Kind?) {
        let event = self.change(from: before) { $0.problem = after }.event(of: Self.token)
        #expect(event?.kind == kind)
        #expect(event?.service == (kind == nil ? nil : "dropbox"))
    }

    @Test(
        arguments: [("idle", .idle), ("armed", .armed), ("answered", .answered), ("newer", .armed), ("", .armed)]
            as [(String, RenewalLease.Phase)]
    )
    func aPhaseThatNobodyKnowsMayHaveSentSomething(stored: String, phase: RenewalLease.Phase) {
        #expect(RenewalLease.Phase(stored: stored) == phase)
    }

    @Test(
        arguments: [
            (RenewalNote(.renewed), .renewed, ""), (RenewalNote(.healed), .healed, ""),
            (RenewalNote(.quarantined), .quarantined, ""),
            (RenewalNote(.failed, problem: .lostRotation), .failed, "LostRotation"),
        ] as [(RenewalNote, AuditEntry.Outcome, String)]
    )
    func theAuditHasTheOutcomeAndTheReason(note: RenewalNote, outcome: AuditEntry.Outcome, detail: String) {
        let entry = AuditEntry(note, token: Self.token)
        #expect(entry.outcome == outcome)
        #expect(entry.detail == detail)
        #expect(entry.action == .renewToken)
        #expect(entry.principal == .vault)
    }
}
