/// Follows the chains of an audit, entry by entry in the order of their ids, and says where they are broken.
///
/// A pure value. After a broken place it goes on from what it finds there, so that each is named once.
package struct AuditVerification: Sendable {
    private struct Position {
        var sequence: Int64 = 0
        var mac = AuditMAC.start
    }

    /// No chain is that long, and there are not that many: what a damaged row says must not overflow.
    static let limit = Int64.max / 4

    private let key: AuditKey
    /// The first entry that has to be chained.
    private let firstID: Int64
    /// An end that was noted elsewhere: what it names has to be there.
    private var expected: [Int64: AuditLink.Place]
    private var positions: [Int64: Position] = [:]
    private var checkpoints: [Int64: [Int64: AuditCheckpoint]] = [:]
    package private(set) var report = AuditReport()

    package init(key: AuditKey, firstID: Int64, head: AuditHead? = nil) {
        self.key = key
        self.firstID = firstID
        self.expected = Dictionary((head?.ends ?? []).map { ($0.chain, $0) }) { first, _ in first }
    }

    /// Puts something into the report that shows elsewhere than in the entries.
    package mutating func add(_ finding: AuditFinding) { self.report.add(finding) }

    /// Replaces the notes of what was pruned, which may become more while the audit is looked at.
    ///
    /// Those that are not signed with the key count as none.
    package mutating func setCheckpoints(_ signed: [(checkpoint: AuditCheckpoint, mac: AuditMAC?)]) {
        self.checkpoints = [:]
        for (checkpoint, mac) in signed where self.key.mac(of: checkpoint) == mac {
            self.checkpoints[checkpoint.chain, default: [:]][checkpoint.first] = checkpoint
        }
    }

    /// Looks at the next entry.
    ///
    /// - Returns: The place in its chain that it follows, behind what was pruned; nil when it is in no chain, or in a place of it
    ///   that is taken.
    @discardableResult
    package mutating func add(_ link: AuditLink) -> AuditLink.Place? {
        guard let place = link.place else {
            if link.id < self.firstID {
                self.report.unchained += 1
            } else {
                self.report.add(.inserted(id: link.id))
            }
            return nil
        }
        guard (1...Self.limit).contains(place.chain), place.sequence <= Self.limit else {
            self.report.add(.inserted(id: link.id))
            return nil
        }
        var position = self.positions[place.chain] ?? Position()
        if place.sequence > position.sequence + 1 { self.skipPruned(of: place.chain, from: &position) }
        guard place.sequence > position.sequence else {
            self.report.add(.inserted(id: link.id))
            return nil
        }
        if place.sequence > position.sequence + 1 {
            self.report.add(
                .removed(chain: place.chain, first: position.sequence + 1, last: place.sequence - 1, id: link.id)
            )
            // The entry itself hangs on one that is gone: nobody can say more of it.
        } else if self.key.mac(
            of: link.content,
            chain: place.chain,
            sequence: place.sequence,
            after: position.mac
        ) == place.mac {
            self.report.verified += 1
        } else {
            self.report.add(.changed(id: link.id))
        }
        let previous = AuditLink.Place(chain: place.chain, sequence: position.sequence, mac: position.mac)
        self.advance(to: place, from: &position)
        return previous
    }

    private mutating func advance(to place: AuditLink.Place, from position: inout Position) {
        position = Position(sequence: place.sequence, mac: place.mac)
        self.positions[place.chain] = position
        if let end = self.expected[place.chain], end.sequence <= place.sequence {
            self.expected[place.chain] = nil
            if end.sequence == place.sequence, end.mac != place.mac { self.report.add(.otherEnd(chain: place.chain)) }
        }
    }

    /// Goes on behind entries that were pruned, as far as signed notes join what was before them.
    private mutating func skipPruned(of chain: Int64, from position: inout Position) {
        while let next = self.checkpoints[chain]?[position.sequence + 1], next.before == position.mac {
            self.report.pruned += next.last - next.first + 1
            self.advance(
                to: AuditLink.Place(chain: chain, sequence: next.last, mac: next.after),
                from: &position
            )
        }
    }

    /// Compares where the chains ended with where they should, as the store itself notes it and as it was noted elsewhere.
    package mutating func finish(at ends: [AuditLink.Place]) {
        let noted = Dictionary(ends.map { ($0.chain, $0) }) { first, _ in first }
        var previous: Int64 = 0
        for chain in Set(noted.keys).union(self.positions.keys).union(self.expected.keys).sorted() {
            // Chains are numbered without gaps, and none is ever taken away.
            if chain > previous &+ 1 { self.report.add(.lost(chain: previous &+ 1)) }
            previous = chain
            var position = self.positions[chain] ?? Position()
            self.skipPruned(of: chain, from: &position)
            guard let end = noted[chain] else {
                self.report.add(.lost(chain: chain))
                continue
            }
            let furthest = max(end.sequence, self.expected[chain]?.sequence ?? 0)
            if furthest > position.sequence {
                self.report.add(.cut(chain: chain, first: position.sequence + 1, last: furthest))
            } else if end.sequence < position.sequence || end.mac != position.mac {
                self.report.add(.otherEnd(chain: chain))
            }
        }
    }
}
