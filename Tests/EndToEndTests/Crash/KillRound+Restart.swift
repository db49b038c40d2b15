import Foundation
import TestSupport
import VaultCore

extension KillRound {
    /// What a grant was when the vault died over it.
    struct Wreck: Sendable {
        let token: String
        /// How far the renewal had come, as the store has it.
        let phase: String
        /// The access token of the login, and how many seconds it lives.
        let old: String
        let lifetime: Int
    }

    /// Starts the vault again, and follows each grant until it is known what became of it.
    func restart(_ wrecks: [Wreck]) async throws -> KillResult {
        var result = KillResult(point: self.point, kind: self.kind)
        result.grants = wrecks.count
        // What the provider had done when the vault was dead; calls that were on their way may still arrive.
        _ = try await eventually(within: .seconds(2)) { self.provider.state.underWay == 0 }
        let grants = wrecks.map { self.provider.grant($0.token) }
        self.provider.release()
        try await self.lane.start()
        let restarted = ContinuousClock.now
        if self.kind == .strict {
            for wreck in wrecks where wreck.phase == "armed" {
                try await self.expectLabel(of: wreck, since: restarted, in: &result)
            }
        }
        for (wreck, grant) in zip(wrecks, grants) {
            let wasRotated = grant?.rotations ?? 0 > 0
            let isLost = try await self.follow(wreck, in: &result)
            let mayBeLost = self.kind == .strict && wreck.phase == "armed" && wasRotated
            if isLost != mayBeLost {
                result.complaints.append(
                    "\(wreck.token) was \(wreck.phase), rotated: \(wasRotated), and is \(isLost ? "lost" : "alive")"
                )
            }
            if isLost { result.lost += 1 }
            try await self.count(wreck, isLost: isLost, before: grant?.requestCount ?? 0, in: &result)
            _ = await self.lane.send("DELETE", self.lane.path(ofToken: wreck.token))
        }
        return result
    }

    /// A grant that may be lost shows that at once, and its access token is handed out as long as it lives.
    private func expectLabel(of wreck: Wreck, since restarted: ContinuousClock.Instant, in result: inout KillResult)
        async throws
    {
        var look = try await self.lane.look(at: wreck.token)
        while look.state != "Uncertain", look.accessToken == wreck.old, ContinuousClock.now < restarted + .seconds(20) {
            try await Task.sleep(for: .milliseconds(10))
            look = try await self.lane.look(at: wreck.token)
        }
        guard look.accessToken != nil, look.accessToken == wreck.old else {
            // It has expired, and the one replay is under way or over.
            return
        }
        guard look.state == "Uncertain" else {
            result.complaints.append("\(wreck.token) is \(look.state) and should be Uncertain")
            return
        }
        result.uncertain += 1
        result.labelledAfter = max(result.labelledAfter, .now - restarted)
    }

    /// Reads a token until it is a new one, or known to be lost.
    private func follow(_ wreck: Wreck, in result: inout KillResult) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(120)
        var reply = PlainRequest.Reply()
        while ContinuousClock.now < deadline {
            reply = await self.lane.read(wreck.token)
            let newest = self.provider.grant(wreck.token)?.accessTokens.last
            switch reply.status {
            case 200 where reply.body == newest && reply.body != wreck.old: return false
            case 200 where reply.body == wreck.old: break
            case 200: result.complaints.append("\(wreck.token) has a token that the provider has replaced")
            case 400:
                if !reply.body.contains("\"LostRotation\"") {
                    result.complaints.append("\(wreck.token) is labelled \(reply.body)")
                }
                return true
            case 503: break
            default: result.complaints.append("\(wreck.token) is answered with \(reply.status) \(reply.body)")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        result.complaints.append("\(wreck.token) came to no end: \(reply.status) \(reply.body.prefix(200))")
        return true
    }

    /// Compares the provider's books with the store.
    private func count(_ wreck: Wreck, isLost: Bool, before: Int, in result: inout KillResult) async throws {
        guard let grant = self.provider.grant(wreck.token) else { return }
        let watch = try await self.lane.watch()
        guard let row = try await watch.row(of: wreck.token) else {
            result.complaints.append("\(wreck.token) is gone")
            return
        }
        result.requests += grant.requestCount
        result.arms += row.epoch
        // One, and one replay; none when the answer to the first was kept.
        let most = wreck.phase == "armed" ? 2 : 1
        if grant.requests.values.max() ?? 0 > most || grant.requestCount > row.epoch {
            result.complaints.append(
                "\(wreck.token) was asked for \(grant.requests.values) times in \(row.epoch) leases"
            )
        }
        // The store counts in whole seconds.
        let expiry = grant.begin + .seconds(wreck.lifetime) - .milliseconds(1200)
        if self.kind == .strict, wreck.phase == "armed", grant.asked.dropFirst(before).contains(where: { $0 < expiry })
        {
            result.complaints.append("\(wreck.token) was asked for again while it lived")
        }
        if grant.isDead != isLost { result.complaints.append("the provider ended \(wreck.token)") }
        if !isLost, row.refreshDigest != Credential.digest(grant.current) {
            result.complaints.append("\(wreck.token) has a refresh token that the provider has replaced")
        }
    }
}
