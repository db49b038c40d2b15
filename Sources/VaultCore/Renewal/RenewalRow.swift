package import Foundation

/// All that the renewal of a token depends on, as one row of the store has it; no secret is in it.
///
/// The rules are its methods, one for each transaction: ``arm(_:)``, ``keep(_:)``, ``land(_:permit:at:)`` and
/// ``settle(_:permit:terms:at:)``. A store reads the row, lets one of them change it, and writes it with the
/// ``RenewalWrite``s that come along, all in one transaction.
package struct RenewalRow: Sendable, Hashable {
    /// The version of the credential; the store gives each a new one.
    package var version: Int64
    /// Nil when the provider gave no time.
    package var expiresOn: Date?
    /// When the credential was stored.
    package var obtainedOn: Date
    /// ``Credential/digest(_:)`` of the refresh token; nil when there is nothing to renew with.
    package var refreshDigest: Data?
    /// Whether the refresh token came another way than by a login here, so that others may have it too.
    package var isImported: Bool
    /// What is wrong with the grant itself, whatever became of the service.
    package var problem: TokenProblem?
    /// Whether the service points elsewhere than when the credential was got: nothing of it is sent there.
    package var isRepointed: Bool
    package var lease: RenewalLease

    package init(
        version: Int64,
        expiresOn: Date?,
        obtainedOn: Date,
        refreshDigest: Data?,
        isImported: Bool = false,
        problem: TokenProblem? = nil,
        isRepointed: Bool = false,
        lease: RenewalLease = RenewalLease()
    ) {
        self.version = version
        self.expiresOn = expiresOn
        self.obtainedOn = obtainedOn
        self.refreshDigest = refreshDigest
        self.isImported = isImported
        self.problem = problem
        self.isRepointed = isRepointed
        self.lease = lease
    }

    /// Of a token as a store has it; nil when it has no credential.
    ///
    /// - Parameters:
    ///   - token: The token.
    ///   - version: Of the credential.
    ///   - standing: What is wrong with it.
    ///   - isImported: As ``isImported``.
    ///   - storedAt: When the credential was stored, in seconds since 1970.
    ///   - lease: The lease of the same moment.
    package init?(
        _ token: StoredToken,
        version: Int64,
        standing: TokenStanding,
        isImported: Bool,
        storedAt: Int64?,
        lease: RenewalLease
    ) {
        guard let credential = token.credential else { return nil }
        self.init(
            version: version,
            expiresOn: credential.expiresOn,
            obtainedOn: Date(timeIntervalSince1970: TimeInterval(storedAt ?? 0)),
            refreshDigest: credential.refreshDigest,
            isImported: isImported,
            problem: standing.problem,
            isRepointed: standing.isRepointed,
            lease: lease
        )
    }

    package func isExpired(at now: Date) -> Bool {
        self.expiresOn.map { now >= $0 } ?? false
    }

    /// How many times the refresh token of now was presented without an answer.
    package var lostAnswers: Int {
        self.lease.presentedDigest == self.refreshDigest ? self.lease.lostAnswers : 0
    }
}
