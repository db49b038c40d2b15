import Foundation
import TestSupport

/// Applications that read tokens all the time, through the nginx before the vaults, and what they were told.
struct HostReaders: Sendable {
    struct Reading: Sendable {
        let token: String
        let status: Int
        let body: String
        let begin: ContinuousClock.Instant
        let duration: Duration
    }

    let lane: VaultLane
    let tokens: [String]

    /// Reads each token once every 50 ms or as soon as there is an answer, until the body has ended.
    func read(while body: () async throws -> Void) async throws -> [Reading] {
        let reader = Task {
            await withTaskGroup(of: [Reading].self) { group in
                for token in self.tokens { group.addTask { await self.read(token) } }
                return await group.reduce(into: []) { $0 += $1 }
            }
        }
        do {
            try await body()
        } catch {
            reader.cancel()
            _ = await reader.value
            throw error
        }
        reader.cancel()
        return await reader.value
    }

    private func read(_ token: String) async -> [Reading] {
        var readings: [Reading] = []
        while !Task.isCancelled {
            let begin = ContinuousClock.now
            let reply = await self.lane.readBalanced(token)
            readings.append(
                Reading(
                    token: token,
                    status: reply.status,
                    body: reply.body,
                    begin: begin,
                    duration: begin.duration(to: .now)
                )
            )
            try? await Task.sleep(until: begin + .milliseconds(50))
        }
        return readings
    }
}
