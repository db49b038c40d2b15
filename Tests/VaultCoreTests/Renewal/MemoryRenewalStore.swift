import Foundation
import VaultCore

/// A store without a disk, that several vaults may share; it can be full for a while.
actor MemoryRenewalStore: RenewalStore {
    struct Entry {
        var row: RenewalRow
        var credential: Credential
        var keptAnswer: Data?
        var quarantined: [Data] = []
        var notes: [RenewalNote] = []
    }

    private(set) var entries: [TokenKey: Entry] = [:]
    /// How many answers it has no room for.
    var refusedAnswers = 0

    /// What becomes of a change at whose end the store is lost.
    enum Loss: Sendable, CaseIterable {
        case made, undone
    }

    private var loss: Loss?

    /// Loses the store at the end of the next change.
    func lose(_ loss: Loss) { self.loss = loss }

    func refuseAnswers(_ count: Int) { self.refusedAnswers = count }

    func put(_ credential: Credential, for token: TokenKey, obtainedOn: Date) {
        self.entries[token] = Entry(
            row: RenewalRow(
                version: 1,
                expiresOn: credential.expiresOn,
                obtainedOn: obtainedOn,
                refreshDigest: credential.refreshToken.map(Credential.digest)
            ),
            credential: credential
        )
    }

    func change(_ token: TokenKey, _ change: (inout RenewalRow) -> Void) {
        self.entries[token].map { entry in
            var entry = entry
            change(&entry.row)
            self.entries[token] = entry
        }
    }

    /// How many times the sweep looked.
    private(set) var searches = 0

    func renewalsDue(_ search: RenewalSearch) -> [RenewalCandidate] {
        self.searches += 1
        return self.entries
            .filter { token, entry in
                !search.excludedServices.contains(token.service) && !entry.row.isRepointed && entry.row.isDue(search)
            }
            .map { RenewalCandidate(token: $0.key, row: $0.value.row) }
            .sorted { ($0.row.expiresOn ?? .distantFuture) < ($1.row.expiresOn ?? .distantFuture) }
            .prefix(search.limit).map(\.self)
    }

    func renewal(of token: TokenKey) -> RenewalRow? { self.entries[token]?.row }

    func changeRenewal<Result: Sendable>(
        of token: TokenKey,
        sealer: CredentialSealer,
        _ change: @escaping @Sendable (inout RenewalRow) -> (result: Result, writes: [RenewalWrite])
    ) throws -> Result? {
        guard var entry = self.entries[token] else { return nil }
        let (result, writes) = change(&entry.row)
        for write in writes {
            switch write {
            case .replaceCredential(let credential):
                entry.row.version += 1
                entry.credential = Credential(
                    accessToken: credential.accessToken,
                    expiresOn: credential.expiresOn,
                    refreshToken: credential.refreshToken ?? entry.credential.refreshToken
                )
            case .keepAnswer(let answer):
                if self.refusedAnswers > 0 {
                    self.refusedAnswers -= 1
                    throw StoreError(.full, "There is no room.")
                }
                entry.keptAnswer = answer
            case .forgetAnswer: entry.keptAnswer = nil
            case .quarantine(let answer): entry.quarantined.append(answer)
            case .quarantineKeptAnswer:
                if let answer = entry.keptAnswer { entry.quarantined.append(answer) }
                entry.keptAnswer = nil
            case .note(let note): entry.notes.append(note)
            }
        }
        if let loss {
            self.loss = nil
            if loss == .made { self.entries[token] = entry }
            throw StoreError(.unavailable, "The connection was lost.")
        }
        self.entries[token] = entry
        return result
    }

    func credential(of token: TokenKey, version: Int64, sealer: CredentialSealer) -> Credential? {
        self.entries[token].flatMap { $0.row.version == version ? $0.credential : nil }
    }

    func keptAnswer(of token: TokenKey, sealer: CredentialSealer) -> Data? { self.entries[token]?.keptAnswer }
}

extension RenewalRow {
    fileprivate func isDue(_ search: RenewalSearch) -> Bool {
        if self.lease.phase != .idle { return true }
        guard let expiresOn, !(self.lease.retryAt?.isAfter(search.now) ?? false) else { return false }
        guard self.problem == nil || self.problem == .uncertain && expiresOn <= search.date else { return false }
        let lived = search.date.timeIntervalSince(self.obtainedOn)
        return lived >= expiresOn.timeIntervalSince(self.obtainedOn) * RenewalSearch.earliestPart
    }
}
