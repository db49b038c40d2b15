import Locking
package import Logging

/// Writes the audit, keeps room for it, and tells the operator when there is none.
///
/// What cannot be written down is not handed out.
package final class AuditLog: Sendable {
    private struct State {
        /// When room was last looked for, while there is little.
        var lookedAt: ContinuousClock.Instant?
        /// True from the warning on until there is room again.
        var isLow = false
        /// Attempts that were refused since the audit could last be written.
        var refused = 0
        var complainedAt: ContinuousClock.Instant?
    }

    /// Time between two looks for room, and between two lines about the same trouble.
    private static let pause = (look: Duration.seconds(10), complaint: Duration.seconds(60))

    private let store: any VaultStore
    private let writer: AuditWriter
    private let logger: Logger
    private let state = Mutex(State())
    private let refusals = Mutex(RefusalCounter())

    package init(
        store: any VaultStore,
        durability: AuditDurability = .sync,
        metrics: VaultMetrics = VaultMetrics(),
        logger: Logger
    ) {
        self.store = store
        self.writer = AuditWriter(store: store, durability: durability, metrics: metrics)
        self.logger = logger
    }

    /// Adds an entry; it is on the disk when this returns, or as good as that by ``AuditDurability``.
    ///
    /// Of refusals of one caller, and of failed logins for one token, the first in a minute is; the others become one entry
    /// with their number.
    ///
    /// - Throws: ``AccessDenial/notRecorded``; and what the store throws.
    nonisolated(nonsending) package func append(_ entry: AuditEntry, at now: ContinuousClock.Instant = .now)
        async throws
    {
        let (due, isWritten) = self.refusals.withLock { refusals -> ([AuditEntry], Bool) in
            let due = refusals.isEmpty ? [] : refusals.takeDue(at: now)
            guard entry.outcome == .forbidden || entry.outcome == .throttled || entry.action == .login else {
                return (due, true)
            }
            return (due, refusals.note(entry, at: now))
        }
        let entries = isWritten ? due + [entry] : due
        if !entries.isEmpty { try await self.write(entries) }
    }

    /// Entries that are not on the disk yet.
    package var lag: Int { self.writer.lag }

    /// Writes what is not on the disk yet; called when the vault has given its last answer.
    package func finish() async {
        guard await !self.writer.finish() else { return }
        self.logger.error("The last entries of the audit could not be written", metadata: ["entries": "\(self.lag)"])
    }

    nonisolated(nonsending) private func write(_ entries: [AuditEntry]) async throws {
        let hasRoom: Bool
        do {
            hasRoom = try await self.writer.append(entries)
        } catch let error as StoreError where error.code == .full {
            self.complain(error)
            throw AccessDenial.notRecorded
        }
        self.noteThatItWorks()
        if !hasRoom {
            await self.keepRoom()
        }
    }

    /// Makes room for entries to come, if there is any; called once when the vault begins to serve.
    package func keepRoom() async {
        let isDue = self.state.withLock { state in
            let now = ContinuousClock.now
            guard state.lookedAt.map({ $0.duration(to: now) >= Self.pause.look }) ?? true else {
                return false
            }
            state.lookedAt = now
            return true
        }
        guard isDue else {
            return
        }
        let hasRoom = (try? await self.store.fillReserve()) ?? false
        let wasLow = self.state.withLock { state in
            defer { state.isLow = !hasRoom }
            return state.isLow
        }
        if !hasRoom, !wasLow {
            self.logger.error(
                "The disk of the store is almost full: the vault goes on as long as its file has room for the audit, and then hands out nothing. Make room."
            )
        } else if hasRoom, wasLow {
            self.logger.notice("The disk of the store has room again")
        }
    }

    private func complain(_ error: StoreError) {
        let refused: Int? = self.state.withLock { state in
            let now = ContinuousClock.now
            state.refused += 1
            guard state.complainedAt.map({ $0.duration(to: now) >= Self.pause.complaint }) ?? true else {
                return nil
            }
            state.complainedAt = now
            return state.refused
        }
        guard let refused else {
            return
        }
        self.logger.error(
            "The disk of the store is full: no token is handed out that cannot be written into the audit. Make room, or prune the audit with `token-vault audit prune`.",
            metadata: ["refused": "\(refused)", "message": "\(error.reason)"]
        )
    }

    private func noteThatItWorks() {
        let refused = self.state.withLock { state in
            defer { (state.refused, state.complainedAt) = (0, nil) }
            return state.refused
        }
        if refused > 0 {
            self.logger.notice("The audit can be written again", metadata: ["refused": "\(refused)"])
        }
    }
}
