import Foundation
import TestSupport

extension KillRound {
    /// Several tokens come due at once, and the vault dies while it renews them.
    func killInSweep() async throws -> KillResult? {
        let tokens = (0..<6).map { "\(self.token)-\($0)" }
        for token in tokens { try await self.lane.logIn(token, lifetime: Self.livingLifetime) }
        let old = tokens.map { self.provider.grant($0)?.accessTokens.last ?? "" }
        await (try self.lane.vault()).stop()
        // A little more than half of their life, and the second by which the store rounds.
        try await Task.sleep(for: .milliseconds(Self.livingLifetime * 1000 * 55 / 100 + 1000))
        let before = self.provider.state.calls.count
        self.provider.change { state in
            state.faults = tokens.map { _ in .slow(.milliseconds(Int.random(in: 0...40))) }
        }
        let vault = try self.lane.launch()
        guard try await eventually({ self.provider.state.calls.count > before || !vault.isRunning }) else {
            throw ChildProcess.Failure(description: "the sweep asked for nothing. \(self.lane.log().suffix(1000))")
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...60)))
        try await self.lane.kill()
        self.provider.change { $0.faults = [] }
        let phases = try await self.phases(of: tokens)
        let wrecks = tokens.indices.map {
            Wreck(token: tokens[$0], phase: phases[$0], old: old[$0], lifetime: Self.livingLifetime)
        }
        return try await self.restart(wrecks)
    }

    /// What the dead vault has left, found out on a copy, so that the vault finds it as it was.
    private func phases(of tokens: [String]) async throws -> [String] {
        let watch = try await self.lane.place.isFile ? self.watchOfCopy() : self.lane.watch()
        var phases: [String] = []
        for token in tokens { phases.append(try await watch.row(of: token)?.phase ?? "gone") }
        return phases
    }

    private func watchOfCopy() throws -> any StoreWatch {
        let copy = self.lane.directory.appending(path: "copy")
        try? FileManager.default.removeItem(at: copy)
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: self.lane.store + suffix,
                toPath: copy.appending(path: "vault.sqlite\(suffix)").path(percentEncoded: false)
            )
        }
        return try SQLiteWatch(store: copy.appending(path: "vault.sqlite").path(percentEncoded: false))
    }
}
