import Foundation

extension RenewalRow {
    /// Takes the lease, or says why not.
    ///
    /// When this is on the disk the refresh token may have been sent, whatever happens next: who finds the row armed
    /// and its owner gone has to take it so.
    package mutating func arm(_ request: ArmRequest) -> (decision: ArmDecision, writes: [RenewalWrite]) {
        // What was under way when the copy was made has come to some end elsewhere, or is still good once the copy is accepted:
        // nobody knows which.
        guard self.problem != .restored else { return (.ended(.restored), []) }
        if self.isHeld(at: request.now, isAlive: request.isAlive) {
            return (.busy, [])
        }
        // Whatever is under way waits for the service to be as it was, or for another login.
        guard !self.isRepointed else { return (.ended(.serviceChanged), []) }
        if self.lease.phase == .answered {
            return (.readAnswer(self.takeLease(request, phase: .answered)), [])
        }
        guard self.lease.phase != .armed || request.mayAbandon else { return (.orphaned, []) }
        let notes = self.lease.phase == .armed ? self.abandon(request) : []
        guard let digest = self.refreshDigest else { return (.ended(.unauthenticated), notes) }
        if let problem = self.problem, problem.endsGrant {
            return (.ended(problem), notes)
        }
        guard request.isDue else { return (self.problem == .uncertain ? .uncertain : .fresh, notes) }
        // Before the pause: what is never tried again is nothing to wait for.
        switch self.replay(request) {
        case .allowed: break
        case .afterExpiry: return (.uncertain, notes)
        case .never:
            guard self.isExpired(at: request.date) else { return (.uncertain, notes) }
            self.problem = .lostRotation
            return (.ended(.lostRotation), notes + [.note(RenewalNote(.failed, problem: .lostRotation))])
        }
        if let retryAt = self.lease.retryAt, retryAt.isAfter(request.now) {
            return (.paused(until: retryAt), notes)
        }
        if self.lostAnswers == 0 {
            self.lease.armedAt = request.now
            self.lease.lostAnswers = 0
        }
        let wasPresented = self.lease.presentedDigest == digest
        self.lease.presentedDigest = digest
        let permit = self.takeLease(request, phase: .armed, wasPresented: wasPresented)
        return (.armed(permit), notes)
    }

    /// Whether somebody who lives has the lease.
    func isHeld(at now: LeaseTime, isAlive: (String) -> Bool) -> Bool {
        guard let owner = self.lease.owner, let until = self.lease.until else { return false }
        return until.isAfter(now) && isAlive(owner)
    }

    private mutating func takeLease(
        _ request: ArmRequest,
        phase: RenewalLease.Phase,
        wasPresented: Bool = true
    ) -> RenewalPermit {
        let until = request.now.advanced(by: request.terms.lease)
        // An answer that was stored belongs to the version that it was asked for with, whatever came since.
        if phase == .armed { self.lease.version = self.version }
        self.lease.owner = request.owner
        self.lease.epoch += 1
        self.lease.until = until
        self.lease.phase = phase
        return RenewalPermit(
            epoch: self.lease.epoch,
            version: self.lease.version,
            until: until,
            wasPresented: wasPresented
        )
    }

    /// The row is armed, and whoever armed it is dead or late.
    ///
    /// The epoch stays: if they are only late, and nobody sends anything meanwhile, their answer is still welcome.
    private mutating func abandon(_ request: ArmRequest) -> [RenewalWrite] {
        self.lease.owner = nil
        self.lease.until = nil
        self.lease.phase = .idle
        // It was about a credential that another one has replaced since.
        guard self.lease.presentedDigest == self.refreshDigest else { return [] }
        return self.countLostAnswer(request.terms, at: request.date)
    }

    /// The refresh token was presented, and nobody knows what came of it.
    mutating func countLostAnswer(_ terms: RenewalTerms, at date: Date, isFinal: Bool = false) -> [RenewalWrite] {
        self.lease.lostAnswers = isFinal ? 2 : self.lease.lostAnswers + 1
        switch terms.rotation {
        case .none: return []
        case .grace, .previousUntilUsed:
            if self.lease.lostAnswers < 2 { return [] }
        case .strict: break
        }
        let isOver = self.lease.lostAnswers >= 2 && self.isExpired(at: date)
        let problem: TokenProblem = isOver ? .lostRotation : .uncertain
        guard self.problem != problem, self.problem?.endsGrant != true else { return [] }
        self.problem = problem
        return [.note(RenewalNote(.failed, problem: problem))]
    }

    private enum Replay { case allowed, afterExpiry, never }

    /// Whether the refresh token may be presented once more after an answer was lost.
    private mutating func replay(_ request: ArmRequest) -> Replay {
        let lost = self.lostAnswers
        guard lost > 0, request.terms.rotation != .none else { return .allowed }
        guard lost == 1 else { return .never }
        switch request.terms.rotation {
        case .none, .previousUntilUsed: return .allowed
        case .grace(let grace):
            if let armedAt = self.lease.armedAt, armedAt.advanced(by: grace).isAfter(request.now) { return .allowed }
        case .strict: break
        }
        if self.isExpired(at: request.date) { return .allowed }
        self.problem = .uncertain
        return .afterExpiry
    }
}
