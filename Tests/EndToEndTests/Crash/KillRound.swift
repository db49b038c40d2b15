import Foundation
import TestSupport

/// One kill of a vault that renews, or is about to keep what a login brought; and what one finds when it is started again.
struct KillRound: Sendable {
    let lane: VaultLane
    let kind: GrantLedger.Kind
    let point: KillPoint
    /// No two rounds of a lane have the same.
    let number: Int
    /// Whether the access token still lives at the kill, so that nobody waits for another: the sweep renews it then.
    let isAlive: Bool

    var token: String { "t\(self.number)" }
    var provider: StallingProvider { self.lane.provider }

    /// Long enough for a vault to be started again and asked before the token has expired.
    static let livingLifetime = 11

    /// - Returns: Nil when the vault was too fast, and the kill would have missed its point.
    func run() async throws -> KillResult? {
        defer { self.provider.release() }
        switch self.point {
        case .inSave: return try await self.killInSave()
        case .inRedirect: return try await self.killInRedirect()
        case .inSweep: return try await self.killInSweep()
        default: return try await self.killInRenewal()
        }
    }

    // MARK: A renewal

    private func killInRenewal() async throws -> KillResult? {
        let isRead = !self.isAlive || self.point == .beforeReply
        if !isRead {
            // Its sweep comes again five seconds from now, when half of the token's life is over.
            await (try self.lane.vault()).stop()
            try await self.lane.start()
        }
        let lifetime = isRead ? 2 : Self.livingLifetime
        try await self.lane.logIn(self.token, lifetime: lifetime)
        let old = self.provider.grant(self.token)?.accessTokens.last ?? ""
        let reader = Task { () -> PlainRequest.Reply? in
            guard isRead else { return nil }
            // Until it has expired.
            try await Task.sleep(for: .milliseconds(2300))
            return await self.lane.read(self.token)
        }
        let killing = try await self.killAtPoint()
        let reply = try await reader.value
        let isAnswered = reply?.status == 200
        if isAnswered, self.point == .beforeReply { try await self.lane.start() }
        guard let killing, !isAnswered || self.point != .beforeReply else {
            _ = await self.lane.send("DELETE", self.lane.path(ofToken: self.token))
            return nil
        }
        let wreck = Wreck(token: self.token, phase: killing.phase, old: old, lifetime: lifetime)
        var result = try await self.restart([wreck])
        if isAnswered, self.point != .afterLand || reply?.body == old {
            result.complaints.append("a reader got an answer before there was one")
        }
        withExtendedLifetime(killing.watch) {}
        return result
    }

    private struct Killing {
        /// What the store says of the renewal.
        let phase: String
        /// What has to stay open until the vault has been started again: the last program that leaves a store tidies it
        /// up, and that is the vault's to do.
        var watch: (any StoreWatch)?
    }

    private func killAtPoint() async throws -> Killing? {
        let isKilled =
            switch self.point {
            case .afterConnect: try await self.kill(at: .connected)
            case .midRequest: try await self.kill(at: .midRequest)
            case .afterRequest: try await self.kill(at: .done)
            case .firstByte: try await self.kill(at: .firstByte)
            case .afterArm: try await self.killArmed()
            default: nil as Bool?
            }
        guard let isKilled else { return try await self.killBetweenTransactions() }
        // None of it can have been stored: there is no whole answer.
        return isKilled ? Killing(phase: "armed") : nil
    }

    /// Whether the renewal is over, and nothing stopped it: a sweep may come as soon as half of a short life is over, and on a busy
    /// machine the login is not.
    private var isMissed: Bool {
        let state = self.provider.state
        return state.underWay == 0 && state.ledger.grants[self.token]?.requestCount ?? 0 > 0
    }

    /// - Returns: Whether a call has stopped there; false when the vault was too fast.
    private func isReached(_ stall: StallingProvider.Stall) async throws -> Bool {
        self.provider.stop(next: stall)
        guard try await eventually({ self.provider.state.isReached || self.isMissed }) else {
            throw ChildProcess.Failure(description: "\(self.point): no call came. \(self.lane.log().suffix(1000))")
        }
        return self.provider.state.isReached
    }

    private func kill(at stall: StallingProvider.Stall) async throws -> Bool {
        guard try await self.isReached(stall) else { return false }
        try await Task.sleep(for: .microseconds(Int.random(in: 0...3000)))
        try await self.lane.kill()
        return true
    }

    /// Armed, and not connected.
    private func killArmed() async throws -> Bool {
        guard !self.isMissed else { return false }
        return try await self.provider.whileUnreachable {
            do {
                let watch = try await self.lane.watch()
                guard try await watch.waits(for: self.token, until: { $0.phase == "armed" }) else {
                    guard !self.isMissed else { return false }
                    throw ChildProcess.Failure(description: "nobody armed \(self.token)")
                }
            }
            try await self.lane.kill()
            return true
        }
    }

    /// The store is kept from the vault just before its next transaction.
    private func killBetweenTransactions() async throws -> Killing? {
        let watch = try await self.lane.watch()
        guard try await self.isReached(.done) else { return nil }
        guard let armed = try await watch.row(of: self.token) else {
            throw ChildProcess.Failure(description: "\(self.token) is gone")
        }
        switch self.point {
        case .afterAnswer:
            try await watch.hold()
            self.provider.release()
            guard try await eventually({ self.provider.state.underWay == 0 }) else { return nil }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...20)))
        case .afterSeal, .afterParse:
            let held = try await watch.hold(at: self.token, when: { $0.phase != "armed" }, once: self.provider.release)
            guard held?.phase == "answered" else {
                try await watch.release()
                return nil
            }
            if self.point == .afterParse { try await Task.sleep(for: .milliseconds(Int.random(in: 15...40))) }
        default:
            _ = try await watch.hold(
                at: self.token,
                when: { $0.version > armed.version },
                once: self.provider.release
            )
            // A reader's answer waits for its line in the audit.
            if self.point == .beforeReply { try await Task.sleep(for: .milliseconds(Int.random(in: 15...40))) }
        }
        try await self.lane.kill()
        let phase = try await watch.row(of: self.token)?.phase
        try await watch.release()
        return phase.map { Killing(phase: $0, watch: watch) }
    }
}
