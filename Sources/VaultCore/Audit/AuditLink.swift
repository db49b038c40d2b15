/// An entry of the audit as one link of its chain.
package struct AuditLink: Sendable {
    package let id: Int64
    /// Nil for an entry from before the audit was chained.
    package let place: Place?
    package let content: AuditContent

    package struct Place: Sendable, Hashable {
        package let chain: Int64
        /// Counted from 1 within the chain.
        package let sequence: Int64
        package let mac: AuditMAC

        package init(chain: Int64, sequence: Int64, mac: AuditMAC) {
            self.chain = chain
            self.sequence = sequence
            self.mac = mac
        }
    }

    package init(id: Int64, place: Place?, content: AuditContent) {
        self.id = id
        self.place = place
        self.content = content
    }
}
