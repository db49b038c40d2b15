package import Foundation

extension RenewalRow {
    package enum Landing: Sendable, Hashable {
        case landed
        /// Somebody else took the lease, or another credential the place of this one.
        case fenced
        /// The service was pointed elsewhere: the answer stays where it is until the service is as it was.
        case repointed
    }

    /// Stores the provider's answer, before anybody reads it.
    package mutating func keep(
        _ answer: Data,
        permit: RenewalPermit
    ) -> (landing: Landing, writes: [RenewalWrite]) {
        guard self.isCurrent(permit) else {
            return (.fenced, [.quarantine(answer), .note(RenewalNote(.quarantined))])
        }
        self.lease.phase = .answered
        return (.landed, [.keepAnswer(answer)])
    }

    /// Takes the new credential in place of the old one.
    package mutating func land(
        _ credential: Credential,
        permit: RenewalPermit,
        at date: Date
    ) -> (landing: Landing, writes: [RenewalWrite]) {
        guard self.isCurrent(permit) else {
            guard self.lease.epoch == permit.epoch, self.lease.phase == .answered else { return (.fenced, []) }
            // The lease is ours, and a login took the place of the credential.
            self.release()
            return (.fenced, [.quarantineKeptAnswer, .note(RenewalNote(.quarantined))])
        }
        guard !self.isRepointed else {
            self.setAside(permit)
            return (.repointed, [])
        }
        let wasLost = self.problem == .uncertain
        if let refreshToken = credential.refreshToken {
            let digest = Credential.digest(refreshToken)
            if digest != self.refreshDigest {
                self.refreshDigest = digest
                self.isImported = false
            }
        }
        self.expiresOn = credential.expiresOn
        self.obtainedOn = date
        self.problem = nil
        self.lease.lostAnswers = 0
        self.lease.failures = 0
        self.lease.retryAt = nil
        self.lease.armedAt = nil
        self.release()
        return (
            .landed,
            [.replaceCredential(credential), .forgetAnswer, .note(RenewalNote(wasLost ? .healed : .renewed))]
        )
    }

    /// Whether nobody armed the row since, and no other credential took the place of the one that was renewed.
    func isCurrent(_ permit: RenewalPermit) -> Bool {
        self.lease.epoch == permit.epoch && self.version == permit.version
    }

    /// Gives the lease back, and leaves a stored answer for later.
    package mutating func setAside(_ permit: RenewalPermit) {
        guard self.lease.epoch == permit.epoch else { return }
        self.lease.owner = nil
        self.lease.until = nil
    }

    mutating func release() {
        self.lease.owner = nil
        self.lease.until = nil
        self.lease.phase = .idle
    }
}
