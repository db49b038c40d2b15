package import Foundation

extension RenewalRow {
    package enum Settlement: Sendable, Hashable {
        /// The token is as it was; another try is due after the pause.
        case retry
        /// The token is in the state `Error`.
        case problem(TokenProblem)
        /// Somebody else went on with it meanwhile; what they got counts.
        case overtaken
    }

    /// Gives the lease back without having sent anything.
    package mutating func withdraw(_ permit: RenewalPermit, terms: RenewalTerms) {
        guard self.isCurrent(permit), self.lease.phase != .answered else { return }
        self.takeBackPresentation(permit, terms, wasCountedLost: self.lease.phase == .idle)
        self.release()
    }

    /// Gives back a lease of which this process could not learn whether it has it, and with which it has sent nothing.
    ///
    /// The owner has to stand there still: if the lease never came into the store, the same epoch is somebody else's.
    package mutating func takeBack(_ permit: RenewalPermit, owner: String, terms: RenewalTerms) {
        guard self.lease.owner == owner else { return }
        self.withdraw(permit, terms: terms)
    }

    /// Writes down that a request brought no tokens.
    package mutating func settle(
        _ outcome: RefreshOutcome,
        permit: RenewalPermit,
        terms: RenewalTerms,
        now: LeaseTime,
        date: Date
    ) -> (settlement: Settlement, writes: [RenewalWrite]) {
        guard self.isCurrent(permit) else {
            guard self.lease.epoch == permit.epoch else { return (.overtaken, []) }
            let hasAnswer = self.lease.phase == .answered
            self.release()
            return (.overtaken, hasAnswer ? [.quarantineKeptAnswer] : [])
        }
        var writes: [RenewalWrite] = []
        if self.lease.phase == .answered {
            writes.append(outcome == .unreadable ? .quarantineKeptAnswer : .forgetAnswer)
        }
        let wasCountedLost = self.lease.phase == .idle
        self.release()
        switch outcome {
        case .notSent:
            self.takeBackPresentation(permit, terms, wasCountedLost: wasCountedLost)
            self.pause(terms, now: now)
        case .postponed, .rejected, .clientRefused:
            self.takeBackLoss(terms, wasCountedLost: wasCountedLost)
            if outcome != .clientRefused { self.pause(terms, outcome: outcome, now: now) }
        case .noAnswer, .gatewayLost, .unreadable:
            if !wasCountedLost || outcome == .unreadable {
                writes += self.countLostAnswer(
                    terms,
                    at: date,
                    isFinal: outcome == .unreadable && terms.rotation == .strict
                )
            }
            self.pause(terms, now: now)
        case .invalidGrant:
            let problem = self.verdict(permit, terms: terms, wasCountedLost: wasCountedLost)
            self.problem = problem
            writes.append(.note(RenewalNote(.failed, problem: problem)))
        }
        if let problem = self.problem { return (.problem(problem), writes) }
        return (.retry, writes)
    }

    /// Nothing was sent.
    private mutating func takeBackPresentation(
        _ permit: RenewalPermit,
        _ terms: RenewalTerms,
        wasCountedLost: Bool
    ) {
        self.takeBackLoss(terms, wasCountedLost: wasCountedLost)
        if !permit.wasPresented { self.lease.presentedDigest = nil }
    }

    /// This presentation used nothing up after all, and whoever believed it lost was wrong.
    private mutating func takeBackLoss(_ terms: RenewalTerms, wasCountedLost: Bool) {
        guard wasCountedLost else { return }
        self.lease.lostAnswers = max(0, self.lease.lostAnswers - 1)
        guard self.problem == .uncertain || self.problem == .lostRotation else { return }
        self.problem = self.lease.lostAnswers > 0 && terms.rotation == .strict ? .uncertain : nil
    }

    /// What it means that the provider does not know the refresh token.
    private func verdict(_ permit: RenewalPermit, terms: RenewalTerms, wasCountedLost: Bool) -> TokenProblem {
        guard terms.rotation != .none else { return .revoked }
        // The very request that is answered now is none of those whose answer was lost.
        if self.lease.lostAnswers > (wasCountedLost ? 1 : 0) { return .lostRotation }
        let isFirst = !permit.wasPresented && !self.isImported
        return terms.rotation == .strict && isFirst ? .possibleTheft : .revoked
    }

    private mutating func pause(_ terms: RenewalTerms, outcome: RefreshOutcome = .noAnswer, now: LeaseTime) {
        self.lease.failures += 1
        var pause = terms.pause(after: self.lease.failures)
        if case .postponed(let retryAfter?) = outcome {
            pause = terms.pause(after: self.lease.failures, retryAfter: retryAfter)
        } else if case .grace(let grace) = terms.rotation, self.lostAnswers == 1 {
            // The one retry has to come while the old refresh token is still accepted.
            pause = min(pause, grace / 4)
        }
        self.lease.retryAt = now.advanced(by: pause)
    }
}
