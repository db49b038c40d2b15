/// What is left of entries of one chain that were pruned: which they were, and the codes that join what is around them.
package struct AuditCheckpoint: Sendable, Hashable {
    package let chain: Int64
    /// The numbers within the chain of the first and of the last of them.
    package let first: Int64
    package let last: Int64
    /// The code of the entry before the first one.
    package let before: AuditMAC
    /// The code of the last one.
    package let after: AuditMAC

    package init(chain: Int64, first: Int64, last: Int64, before: AuditMAC, after: AuditMAC) {
        self.chain = chain
        self.first = first
        self.last = last
        self.before = before
        self.after = after
    }

    /// The two as one, when the other follows at once.
    package func joined(with next: AuditCheckpoint) -> AuditCheckpoint? {
        guard next.chain == self.chain, next.first == self.last + 1, next.before == self.after else { return nil }
        return AuditCheckpoint(
            chain: self.chain,
            first: self.first,
            last: next.last,
            before: self.before,
            after: next.after
        )
    }
}
