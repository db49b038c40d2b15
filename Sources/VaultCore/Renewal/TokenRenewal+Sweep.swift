import Foundation
import Logging

extension TokenRenewal {
    private static let mostTokens = 100_000

    /// Renews in the background what is due, until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            do {
                // Not waited for: a slow provider does not keep the tokens of others from being seen.
                _ = try await self.beginSweep()
            } catch {
                guard !Task.isCancelled else { return }
                self.logger.error("The sweep for tokens that are due failed: \(error)")
            }
            try? await self.clock.sleep(self.settings.sweepPause)
        }
    }

    /// Looks once, and waits for what it began.
    package func sweep() async throws {
        let runs = try await self.beginSweep()
        await withTaskGroup(of: Void.self) { group in
            for run in runs {
                group.addTask { _ = await run.end(within: .seconds(600), clock: self.clock) }
            }
        }
    }

    private func beginSweep() async throws -> [RenewalRun] {
        await self.replayJournal()
        var search = RenewalSearch(
            date: self.clock.date(),
            now: self.clock.now(),
            storedBefore: self.clock.date() - 15 * 86_400,
            excludedServices: self.gates.closedServices(at: self.clock.now()),
            limit: 500
        )
        var tokens: [TokenKey] = []
        var terms: [String: RefresherTerms] = [:]
        // Those that are nearly due must not hide the others.
        while tokens.isEmpty {
            let found = try await self.store.renewalsDue(search)
            for candidate in found {
                let service = candidate.token.service
                if terms[service] == nil { terms[service] = try? await self.refresher.terms(of: service) }
                if let terms = terms[service], self.isDueForSweep(candidate, terms: terms) {
                    tokens.append(candidate.token)
                }
            }
            guard found.count == search.limit, search.limit < Self.mostTokens else { break }
            search.limit *= 4
        }
        return tokens.map { self.run(of: $0, isUrgent: false) }
    }

    private func isDueForSweep(_ candidate: RenewalCandidate, terms: RefresherTerms) -> Bool {
        let row = candidate.row
        // Somebody may have died over it.
        if row.lease.phase != .idle { return !row.isHeld(at: self.clock.now(), isAlive: self.isAlive) }
        return RenewalSchedule.isDueForSweep(
            row,
            token: candidate.token,
            at: self.clock.date(),
            cap: terms.marginCap,
            idle: terms.idle
        )
    }
}
