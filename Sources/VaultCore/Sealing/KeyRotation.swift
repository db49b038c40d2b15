package import Foundation
package import Logging

/// Gives a store a new data key, seals everything with it, and removes the keys before.
///
/// Each step is a transaction of its own, and what is to be done next follows from what the store holds: whoever is killed in
/// between leaves a store that opens, and whoever comes next goes on. Vaults that serve go on meanwhile.
package struct KeyRotation: Sendable {
    /// What was done, and what has to wait.
    package struct Report: Sendable, Hashable {
        package let resealed: Int
        /// Rows that hold something that does not open, and keep the key that they name: table, service and token.
        package let unreadable: [String]
        /// Answers in quarantine that did not open, and were deleted: table, service and token.
        package let dropped: [String]
        /// Answers of providers in the journal that are sealed with an older key, until a vault takes them out.
        package let journaled: Int
        package let removed: [String]
        /// Data keys that are still there beside the newest.
        package let remaining: [String]

        package var isFinished: Bool { self.remaining.isEmpty }
    }

    private let store: any KeyStore
    private let sealer: CredentialSealer
    private let journal: AnswerJournal?
    /// Whom the audit names.
    private let principal: Principal

    package init(
        store: any KeyStore,
        sealer: CredentialSealer,
        journal: AnswerJournal?,
        principal: Principal = .vault
    ) {
        self.store = store
        self.sealer = sealer
        self.journal = journal
        self.principal = principal
    }

    /// Gives the store a new data key; from then on everything new is sealed with it, in all processes.
    ///
    /// - Returns: Its id.
    package func begin() async throws -> String {
        try await self.sealer.reload()
        let newest = self.sealer.keys.currentKeyID
        let key = try self.sealer.makeDataKey()
        let isAdded = try await self.store.addDataKey(
            key,
            after: newest,
            keyEncryptionKey: self.sealer.keyEncryptionKey,
            entry: AuditEntry(principal: self.principal, action: .rotateKey, outcome: .allowed, detail: key.kid)
        )
        try await self.sealer.reload()
        // Somebody else was first, and that key is as new.
        return isAdded ? key.kid : self.sealer.keys.currentKeyID
    }

    /// Seals everything with the newest data key, and removes those that are not used any more.
    package func finish() async throws -> Report {
        let count = try await self.store.resealAll(sealer: self.sealer)
        let newest = self.sealer.keys.currentKeyID
        let records = try await self.journal?.contents().records ?? []
        let journaled = records.compactMap { JournaledAnswer.keyID(ofPayload: $0.payload) }.filter { $0 != newest }
        let removed = try await self.store.removeUnusedDataKeys(except: Set(journaled))
        return Report(
            resealed: count.resealed,
            unreadable: count.unreadable,
            dropped: count.dropped,
            journaled: journaled.count,
            removed: removed,
            remaining: try await self.store.dataKeys().dropLast().map(\.kid)
        )
    }

    /// Goes on with a rotation that was left, and begins one that is due.
    ///
    /// - Returns: Nil when there was nothing to do.
    package func runIfDue(_ policy: KeyRotationPolicy, at now: Date) async throws -> Report? {
        let usage = try await self.store.dataKeyUsage()
        if let newest = usage.last, policy.isDue(newest, at: now) {
            _ = try await self.begin()
        } else if usage.count < 2 {
            return nil
        }
        return try await self.finish()
    }

    /// How often a vault that serves looks whether there is something to do.
    private static let pause = Duration.seconds(3_600)

    /// Looks once in an hour, until the task is cancelled.
    package func run(_ policy: KeyRotationPolicy, clock: LeaseClock, logger: Logger) async {
        while !Task.isCancelled {
            do {
                if let report = try await self.runIfDue(policy, at: clock.date()) {
                    logger.notice(
                        report.isFinished
                            ? "Everything is sealed with a new data key."
                            : "Not everything is sealed with the newest data key yet: `token-vault key list` shows what is not.",
                        metadata: [
                            "resealed": "\(report.resealed)",
                            "unreadable": "\(report.unreadable.joined(separator: ", "))",
                            "dropped": "\(report.dropped.joined(separator: ", "))",
                        ]
                    )
                }
            } catch {
                guard !Task.isCancelled else { return }
                logger.error("The data key of the store could not be changed: \(error)")
            }
            try? await clock.sleep(Self.pause)
        }
    }
}
