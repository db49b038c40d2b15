/// Gives a store what its journal has for it.
package struct JournalReplay: Sendable {
    /// What came of a record.
    enum Outcome: Sendable {
        case stored(TokenKey, RenewalRow.Landing)
        /// The store does not take it yet.
        case refused(TokenKey, any Error)
        /// It is not as it was written, or does not open.
        case damaged(block: Int)
    }

    let journal: AnswerJournal
    let store: any RenewalStore
    let sealer: CredentialSealer

    package init(journal: AnswerJournal, store: any RenewalStore, sealer: CredentialSealer) {
        self.journal = journal
        self.store = store
        self.sealer = sealer
    }

    /// Takes out what the store takes in.
    ///
    /// - Returns: How many records are left.
    /// - Throws: ``StoreError``, and what keeps the sealer from its keys.
    package func run() async throws -> Int {
        try await self.run { _ in }
        let contents = try await self.journal.contents()
        return contents.records.count + contents.damaged.count
    }

    /// The same, unless somebody else does so just now.
    func run(_ report: @Sendable (Outcome) -> Void) async throws {
        try await self.journal.replay {
            let contents = try await self.journal.contents()
            for block in contents.damaged { report(.damaged(block: block)) }
            for record in contents.records {
                guard let answer = try await JournaledAnswer.open(payload: record.payload, sealer: self.sealer) else {
                    report(.damaged(block: record.block))
                    continue
                }
                do {
                    let landing = try await self.store(answer)
                    try await self.journal.remove(record)
                    report(.stored(answer.token, landing))
                } catch {
                    // Those of other tokens may go in all the same.
                    report(.refused(answer.token, error))
                }
            }
        }
    }

    private func store(_ answer: JournaledAnswer) async throws -> RenewalRow.Landing {
        try await self.store.changeRenewal(of: answer.token, sealer: self.sealer) { row in
            let (landing, writes) = row.keep(answer.answer, permit: answer.permit)
            // Whoever asked for it may be gone, and it is anybody's to read.
            row.setAside(answer.permit)
            return (result: landing, writes: writes)
        } ?? .fenced
    }
}
