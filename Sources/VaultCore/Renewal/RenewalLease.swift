package import Foundation

/// Who renews a token just now, and what became of the renewals before: what a store keeps beside the credential.
package struct RenewalLease: Sendable, Hashable {
    package enum Phase: String, Sendable, CaseIterable {
        /// Nothing is under way.
        case idle
        /// The refresh token may have been sent.
        case armed
        /// The provider's answer is stored, sealed, and nobody has read it yet.
        case answered

        /// As a store has it: with a phase of a newer version, what may have been sent counts as sent.
        package init(stored text: String) { self = Self(rawValue: text) ?? .armed }
    }

    /// The process that holds the lease, as ``VaultInstance`` names it.
    package var owner: String?
    /// Grows with every renewal, so that whoever lost the lease finds out.
    package var epoch: Int64
    package var until: LeaseTime?
    package var phase: Phase
    /// The version of the credential that is being renewed.
    package var version: Int64
    /// The refresh token that was presented last.
    package var presentedDigest: Data?
    /// When that was first presented without an answer.
    package var armedAt: LeaseTime?
    /// How many times it was presented without an answer that says what became of it.
    package var lostAnswers: Int
    /// How many renewals in a row the provider put off.
    package var failures: Int
    /// Until when nobody should try again.
    package var retryAt: LeaseTime?

    /// Counts that somebody wrote into the database from outside are bounded, so that there is room for one more.
    package init(
        owner: String? = nil,
        epoch: Int64 = 0,
        until: LeaseTime? = nil,
        phase: Phase = .idle,
        version: Int64 = 0,
        presentedDigest: Data? = nil,
        armedAt: LeaseTime? = nil,
        lostAnswers: Int = 0,
        failures: Int = 0,
        retryAt: LeaseTime? = nil
    ) {
        self.owner = owner
        self.epoch = min(epoch, .max / 2)
        self.until = until
        self.phase = phase
        self.version = version
        self.presentedDigest = presentedDigest
        self.armedAt = armedAt
        self.lostAnswers = min(lostAnswers, .max / 2)
        self.failures = min(failures, .max / 2)
        self.retryAt = retryAt
    }
}
