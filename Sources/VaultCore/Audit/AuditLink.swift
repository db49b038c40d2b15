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

        /// The number of the entry behind this one.
        ///
        /// - Throws: ``StoreError/Code/failed`` for a number that no vault ever came to.
        package func nextSequence() throws -> Int64 { try Self.number(after: self.sequence) }

        /// The number of the next entry, or of the next chain.
        ///
        /// - Throws: ``StoreError/Code/failed`` for a number that no vault ever came to.
        package static func number(after last: Int64) throws -> Int64 {
            guard (0..<AuditVerification.limit).contains(last) else {
                throw StoreError(
                    .failed,
                    "The store's audit ends at the number \(last), which somebody wrote into the database from outside: see what "
                        + "`token-vault audit verify` says, and put back a backup of before."
                )
            }
            return last + 1
        }
    }

    package init(id: Int64, place: Place?, content: AuditContent) {
        self.id = id
        self.place = place
        self.content = content
    }
}
