import Foundation
import Logging

extension TokenRenewal {
    /// Tokens that live longer than this are looked at when they are nearer to their end.
    private static let horizon: TimeInterval = 12 * 3600

    private static let mostTokens = 100_000

    /// Renews in the background what is due, until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            do {
                try await self.sweep()
            } catch {
                guard !Task.isCancelled else { return }
                self.logger.error("The sweep for tokens that are due failed: \(error)")
            }
            try? await self.clock.sleep(self.settings.sweepPause)
        }
    }

    /// Looks once, and waits for what it began.
    package func sweep() async throws {
        let now = self.clock.date()
        var tokens: [TokenKey] = []
        var limit = 500
        // Those that wait for a broken provider are the most urgent, and must not hide the others.
        while tokens.isEmpty {
            let found = try await self.store.renewalsDue(
                expiringBefore: now + Self.horizon,
                storedBefore: now - 15 * 86_400,
                limit: limit
            )
            for token in found where (try? await self.isDueForSweep(token)) ?? false { tokens.append(token) }
            guard found.count == limit, limit < Self.mostTokens else { break }
            limit *= 4
        }
        await withTaskGroup(of: Void.self) { group in
            for token in tokens {
                group.addTask {
                    _ = await self.run(of: token, isUrgent: false).end(within: .seconds(600), clock: self.clock)
                }
            }
        }
    }

    private func isDueForSweep(_ token: TokenKey) async throws -> Bool {
        guard let row = try await self.store.renewal(of: token) else { return false }
        // Somebody may have died over it.
        if row.lease.phase != .idle { return true }
        let time = self.clock.now()
        if let retryAt = row.lease.retryAt, retryAt.isAfter(time) { return false }
        if self.gates.circuit(of: token.service).pause(at: time) != nil { return false }
        let terms = try await self.refresher.terms(of: token.service)
        return RenewalSchedule.isDueForSweep(
            row,
            token: token,
            at: self.clock.date(),
            cap: terms.marginCap,
            idle: terms.idle
        )
    }
}
