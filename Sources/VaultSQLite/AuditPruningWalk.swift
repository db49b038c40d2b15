import GRDB
import VaultCore

/// Goes through the audit before some of it is deleted: verifies it, and gathers what will be gone of each chain.
struct AuditPruningWalk: Sendable {
    var verification: AuditVerification
    /// Rows from before this time go.
    let limit: Int64
    /// How far it got before, and now.
    private(set) var begin: Int64 = 0
    private(set) var position: Int64 = 0
    /// How many rows of this step go.
    private(set) var count = 0
    /// What goes of each chain in this step.
    private(set) var gone: [Int64: [AuditCheckpoint]] = [:]

    init(verification: AuditVerification, limit: Int64) {
        self.verification = verification
        self.limit = limit
    }

    mutating func advance(to last: Int64, in db: Database) throws {
        (self.begin, self.count, self.gone) = (self.position, 0, [:])
        self.verification.setCheckpoints(try SQLiteStore.auditCheckpoints(in: db))
        let rows = try AuditLinkCursor(after: self.position, limit: .max, in: db)
        while self.position < last, let row = try rows.nextRow() {
            self.position = row.link.id
            let before = self.verification.add(row.link)
            guard row.at < self.limit, !row.isNote else { continue }
            self.count += 1
            if let place = row.link.place, let before { self.add(place, after: before) }
        }
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
}
