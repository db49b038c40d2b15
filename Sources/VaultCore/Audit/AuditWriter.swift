import Locking
import ProgramMetrics

/// Writes the entries of many callers in one transaction: while one is on its way to the disk, the next gathers.
///
/// So a disk that takes 5 ms for a transaction does not limit callers to 200 a second.
final class AuditWriter: Sendable {
    private let store: any AuditStore
    private let durability: AuditDurability
    private let metrics: VaultMetrics
    private let clock: any Clock<Duration>
    private let queue: Mutex<AuditQueue<CheckedContinuation<Bool, any Error>>>

    init(
        store: any AuditStore,
        durability: AuditDurability,
        metrics: VaultMetrics,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.store = store
        self.durability = durability
        self.metrics = metrics
        self.clock = clock
        self.queue = Mutex(AuditQueue(unwritten: durability.unwritten))
    }

    /// Entries that are not on the disk.
    var lag: Int { self.queue.withLock { $0.count } }

    /// Takes entries; they are on the disk when this returns, or at most as many as may be lost are not.
    ///
    /// It is not cancelled: what was asked for is recorded, whoever still waits for it.
    ///
    /// - Returns: False when there is little room for more.
    /// - Throws: What the store throws; nothing may be handed out then.
    nonisolated(nonsending) func append(_ entries: [AuditEntry]) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            let (answer, starts) = self.queue.withLock { queue in
                (queue.add(entries, waiter: continuation), queue.startsWriting())
            }
            if let answer { continuation.resume(returning: answer) }
            if starts { Task { await self.write() } }
        }
    }

    /// Writes what is not written yet; false when that failed.
    func finish() async -> Bool {
        (try? await self.append([])) != nil
    }

    private func write() async {
        while let batch = self.queue.withLock({ $0.next() }) {
            do {
                let begin = ContinuousClock.now
                let hasRoom = try await self.store.append(batch)
                self.metrics.auditTime.observe(begin.duration(to: .now))
                self.metrics.auditEntries.increment(by: UInt64(batch.count))
                let waiters = self.queue.withLock { $0.written(hasRoom: hasRoom) }
                for waiter in waiters { waiter.resume(returning: hasRoom) }
            } catch {
                let waiters = self.queue.withLock { $0.failed() }
                for waiter in waiters { waiter.resume(throwing: error) }
            }
            if self.durability == .batched, !self.queue.withLock(\.isAwaited) {
                try? await self.clock.sleep(for: AuditDurability.pause)
            }
        }
    }
}
