import Foundation
import Testing
import VaultCore

struct AuditPruningWalkTests {
    /// An entry of the samples: its chain, when it was written, and whether it tells of pruning.
    struct Sample: Sendable {
        let chain: Int64
        let at: Int64
        var isNote = false
        /// Whether somebody changed it afterwards.
        var isChanged = false
    }

    private let key = AuditKey()

    private func links(_ samples: [Sample]) -> [(link: AuditLink, at: Int64, isNote: Bool)] {
        var ends: [Int64: (sequence: Int64, mac: AuditMAC)] = [:]
        return samples.enumerated().map { index, sample in
            let id = Int64(index + 1)
            let content = AuditContent(id: id, at: sample.at)
            let end = ends[sample.chain] ?? (0, .start)
            let mac = self.key.mac(of: content, chain: sample.chain, sequence: end.sequence + 1, after: end.mac)
            ends[sample.chain] = (end.sequence + 1, mac)
            let place = AuditLink.Place(chain: sample.chain, sequence: end.sequence + 1, mac: mac)
            let shown = sample.isChanged ? AuditContent(id: id, at: sample.at + 1) : content
            return (AuditLink(id: id, place: place, content: shown), sample.at, sample.isNote)
        }
    }

    /// Goes through the samples in steps that end with these entries.
    private func walk(_ samples: [Sample], steps: [Int64], limit: Int64 = 100) -> [AuditPruningWalk] {
        let links = self.links(samples)
        var walk = AuditPruningWalk(verification: AuditVerification(key: self.key, firstID: 0), limit: limit)
        return steps.map { end in
            walk.begin(upTo: end, checkpoints: [])
            for entry in links where entry.link.id > walk.position && !walk.isOver {
                walk.add(entry.link, at: entry.at, isNote: entry.isNote)
            }
            return walk
        }
    }

    private func numbers(_ walk: AuditPruningWalk) -> [Int64: [ClosedRange<Int64>]] {
        walk.gone.mapValues { $0.map { $0.first...$0.last } }
    }

    @Test(
        arguments: [
            ([Sample(chain: 1, at: 1), Sample(chain: 1, at: 2), Sample(chain: 1, at: 100)], 2, [1: [1...2]]),
            // A note stays, and parts what is around it.
            (
                [Sample(chain: 1, at: 1), Sample(chain: 1, at: 2, isNote: true), Sample(chain: 1, at: 3)], 2,
                [1: [1...1, 3...3]]
            ),
            // One that a clock ahead wrote.
            ([Sample(chain: 1, at: 1), Sample(chain: 1, at: 900), Sample(chain: 1, at: 3)], 2, [1: [1...1, 3...3]]),
            // Two that write at once.
            (
                [Sample(chain: 1, at: 1), Sample(chain: 2, at: 1), Sample(chain: 1, at: 2), Sample(chain: 2, at: 200)],
                3,
                [1: [1...2], 2: [1...1]]
            ),
            ([Sample(chain: 1, at: 100)], 0, [:]), ([], 0, [:]),
        ] as [([Sample], Int, [Int64: [ClosedRange<Int64>]])]
    )
    func whatIsOldEnoughGoesInPieces(samples: [Sample], count: Int, gone: [Int64: [ClosedRange<Int64>]]) throws {
        let walk = try #require(self.walk(samples, steps: [Int64(samples.count)]).first)
        #expect(walk.count == count)
        #expect(self.numbers(walk) == gone)
        try walk.check(deleted: count)
        let error = #expect(throws: StoreError.self) { try walk.check(deleted: count + 1) }
        #expect(error?.code == .unavailable)
    }

    @Test func aStepGoesOnWhereTheOneBeforeEnded() throws {
        let samples = (1...5).map { Sample(chain: 1, at: $0) }
        let walks = self.walk(samples, steps: [2, 5])
        #expect(walks.map(\.begin) == [0, 2])
        #expect(walks.map(\.position) == [2, 5])
        #expect(walks.map(\.count) == [2, 3])
        #expect(walks.map(self.numbers) == [[1: [1...2]], [1: [3...5]]])
        // The notes of both are one, where the first is signed with the key.
        let (one, two) = (try #require(walks[0].gone[1]?.first), try #require(walks[1].gone[1]?.first))
        let signed = self.key.note(of: one, after: nil)
        #expect(signed.checkpoint == one)
        let both = self.key.note(of: two, after: (signed.checkpoint, signed.mac))
        #expect(both.checkpoint.first == 1)
        #expect(both.checkpoint.last == 5)
        #expect(both.mac == self.key.mac(of: both.checkpoint))
        #expect(self.key.note(of: two, after: (one, AuditKey().mac(of: one))).checkpoint == two)
        #expect(self.key.note(of: two, after: (one, nil)).checkpoint == two)
    }

    /// The entry that a step was to end with was taken away meanwhile.
    @Test func whatIsBehindTheEndIsForTheNextStep() {
        let links = self.links((1...3).map { Sample(chain: 1, at: $0) })
        var walk = AuditPruningWalk(verification: AuditVerification(key: self.key, firstID: 0), limit: 100)
        walk.begin(upTo: 2, checkpoints: [])
        walk.add(links[0].link, at: 1, isNote: false)
        #expect(!walk.isOver)
        walk.add(links[2].link, at: 3, isNote: false)
        #expect(walk.isOver)
        #expect(walk.position == 2)
        #expect(walk.count == 1)
    }

    @Test func aBrokenChainIsNotHiddenByPruning() throws {
        let samples = [Sample(chain: 1, at: 1), Sample(chain: 1, at: 2, isChanged: true), Sample(chain: 1, at: 3)]
        let walk = try #require(self.walk(samples, steps: [3]).first)
        let (principal, date) = (Principal(tenantID: "t", objectID: "o"), Date(timeIntervalSince1970: 100))
        let error = #expect(throws: BrokenAuditError.self) {
            try walk.entry(by: principal, before: date, acceptsBroken: false)
        }
        #expect(error?.finding == .changed(id: 2))
        let entry = try walk.entry(by: principal, before: date, acceptsBroken: true)
        #expect(entry.detail.hasPrefix("3 from before 1970-01-01T00:01:40Z; the chain was broken: "))
        let whole = try #require(self.walk([samples[0]], steps: [1]).first)
        let plain = try whole.entry(by: principal, before: date, acceptsBroken: false)
        #expect(plain.detail == "1 from before 1970-01-01T00:01:40Z")
        #expect(plain.action == .pruneAudit)
    }
}
