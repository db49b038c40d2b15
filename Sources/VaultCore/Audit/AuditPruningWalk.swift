package import Foundation

/// Goes through the audit before some of it is deleted: verifies it, and gathers what will be gone of each chain.
///
/// A pure value: a store hands it its entries in the order of their ids, step by step.
package struct AuditPruningWalk: Sendable {
    private var verification: AuditVerification
    /// Entries from before this time go.
    private let limit: Int64
    /// Where this step ends.
    private var end: Int64 = 0
    /// How far it got before, and now: entries behind the one, up to the other.
    package private(set) var begin: Int64 = 0
    package private(set) var position: Int64 = 0
    /// How many entries of this step go.
    package private(set) var count = 0
    /// What goes of each chain in this step.
    package private(set) var gone: [Int64: [AuditCheckpoint]] = [:]

    /// - Parameters:
    ///   - verification: Follows the chains.
    ///   - limit: Entries from before this time go, in seconds since 1970.
    package init(verification: AuditVerification, limit: Int64) {
        self.verification = verification
        self.limit = limit
    }

    /// Begins a step, which ends with an entry.
    ///
    /// - Parameters:
    ///   - end: The id of that.
    ///   - checkpoints: The notes of what was pruned, as they are now.
    package mutating func begin(upTo end: Int64, checkpoints: [(checkpoint: AuditCheckpoint, mac: AuditMAC?)]) {
        (self.begin, self.end, self.count, self.gone) = (self.position, end, 0, [:])
        self.verification.setCheckpoints(checkpoints)
    }

    /// Whether the step has come to its end.
    package var isOver: Bool { self.position >= self.end }

    /// Looks at the next entry; what is behind the end of the step is for the next one.
    ///
    /// - Parameters:
    ///   - link: The entry.
    ///   - at: When it was written, in seconds since 1970.
    ///   - isNote: Whether it tells of pruning, and stays for that.
    package mutating func add(_ link: AuditLink, at: Int64, isNote: Bool) {
        guard link.id <= self.end else {
            self.position = self.end
            return
        }
        self.position = link.id
        let before = self.verification.add(link)
        guard at < self.limit, !isNote else { return }
        self.count += 1
        if let place = link.place, let before { self.add(place, after: before) }
    }

    private mutating func add(_ place: AuditLink.Place, after before: AuditLink.Place) {
        let checkpoint = AuditCheckpoint(
            chain: place.chain,
            first: before.sequence + 1,
            last: place.sequence,
            before: before.mac,
            after: place.mac
        )
        var checkpoints = self.gone[place.chain] ?? []
        if let joined = checkpoints.last?.joined(with: checkpoint) {
            checkpoints[checkpoints.count - 1] = joined
        } else {
            checkpoints.append(checkpoint)
        }
        self.gone[place.chain] = checkpoints
    }

    /// What the audit says of the step.
    ///
    /// - Throws: ``BrokenAuditError`` when a chain is broken so far, which pruning would hide, unless that is accepted.
    package func entry(by principal: Principal, before date: Date, acceptsBroken: Bool) throws -> AuditEntry {
        let finding = self.verification.report.findings.first
        if let finding, !acceptsBroken { throw BrokenAuditError(finding: finding) }
        let detail =
            "\(self.count) from before \(date.formatted(.iso8601))"
            + (finding.map { "; the chain was broken: \($0.sentence)" } ?? "")
        return AuditEntry(principal: principal, action: .pruneAudit, outcome: .pruned, detail: detail)
    }

    /// Checks that as many entries were deleted as the step has looked at.
    ///
    /// - Throws: ``StoreError/Code/unavailable``.
    package func check(deleted count: Int) throws {
        guard count == self.count else {
            throw StoreError(.unavailable, "Somebody else prunes the audit: try again when that is over.")
        }
    }
}

extension AuditKey {
    /// A note of what was pruned, in one with the note before it where this key has signed that.
    ///
    /// - Parameters:
    ///   - checkpoint: What was pruned.
    ///   - earlier: The note that ends where this one begins; nil when there is none.
    /// - Returns: The note, signed.
    package func note(
        of checkpoint: AuditCheckpoint,
        after earlier: (checkpoint: AuditCheckpoint, mac: AuditMAC?)?
    ) -> (checkpoint: AuditCheckpoint, mac: AuditMAC) {
        var whole = checkpoint
        if let earlier, self.mac(of: earlier.checkpoint) == earlier.mac,
            let joined = earlier.checkpoint.joined(with: checkpoint)
        {
            whole = joined
        }
        return (whole, self.mac(of: whole))
    }
}
