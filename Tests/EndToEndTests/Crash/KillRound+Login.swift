import Foundation
import TestSupport

extension KillRound {
    /// Somebody logs in again, and the vault dies while the application takes what that brought.
    func killInSave() async throws -> KillResult? {
        var result = KillResult(point: self.point, kind: self.kind)
        try await self.lane.logIn(self.token, lifetime: 3600)
        let old = self.provider.grant(self.token)?.accessTokens.last
        let visitor = try await self.lane.beginLogin(of: self.token)
        let code = await self.lane.comeBack(visitor, code: "\(self.token).2").parameter("code") ?? ""
        let new = self.provider.grant(self.token)?.accessTokens.last
        let watch = try await self.lane.watch()
        let version = try await watch.row(of: self.token)?.version ?? 0
        let isCommitted = self.number.isMultiple(of: 2)
        let saving = Box<Task<PlainRequest.Reply, Never>?>(nil)
        let save: @Sendable () -> Void = {
            saving.withLock { $0 = Task { await self.lane.save(self.token, code: code) } }
        }
        if isCommitted {
            _ = try await watch.hold(at: self.token, when: { $0.version > version }, once: save)
        } else {
            try await watch.hold()
            save()
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 10...40)))
        try await self.lane.kill()
        let answer = await saving.value?.value ?? PlainRequest.Reply()
        try await watch.release()
        try await self.lane.start()
        guard answer.status != 200 || !isCommitted else {
            _ = await self.lane.send("DELETE", self.lane.path(ofToken: self.token))
            return nil
        }
        if answer.status == 200 { result.complaints.append("save was answered before it was written down") }

        let look = try await self.lane.look(at: self.token)
        if look.state != "Ok" || look.accessToken != (isCommitted ? new : old) {
            result.complaints.append("\(self.token) is \(look.state), committed: \(isCommitted)")
        }
        // Whoever does not know what became of it asks again.
        let again = await self.lane.save(self.token, code: code)
        if again.status != (isCommitted ? 400 : 200) {
            result.complaints.append("a second save is answered with \(again.status) \(again.body)")
        }
        try await self.expect(new, in: &result)
        return result
    }

    /// Somebody logs in again, and the vault dies while it gets a token for the provider's code.
    func killInRedirect() async throws -> KillResult? {
        var result = KillResult(point: self.point, kind: self.kind)
        try await self.lane.logIn(self.token, lifetime: 3600)
        let old = self.provider.grant(self.token)?.accessTokens.last
        let visitor = try await self.lane.beginLogin(of: self.token)
        let stalls: [StallingProvider.Stall] = [.connected, .midRequest, .done, .firstByte, .answered]
        let stall = stalls[self.number % stalls.count]
        let watch = stall == .answered ? try await self.lane.watch() : nil
        self.provider.stop(next: stall == .answered ? .done : stall)
        async let back = self.lane.comeBack(visitor, code: "\(self.token).2")
        guard try await self.provider.isReached() else {
            throw ChildProcess.Failure(description: "no code came. \(self.lane.log().suffix(1000))")
        }
        try await watch?.hold()
        if watch != nil { self.provider.release() }
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...20)))
        try await self.lane.kill()
        if await back.status == 303 { result.complaints.append("the browser was sent on without a token") }
        try await watch?.release()
        self.provider.release()
        try await self.lane.start()

        let look = try await self.lane.look(at: self.token)
        if look.state != "Ok" || look.accessToken != old {
            result.complaints.append("what was there before the login is \(look.state)")
        }
        if self.provider.state.ledger.exchanges["\(self.token).2"] ?? 0 > 1 {
            result.complaints.append("a code was redeemed twice")
        }
        let next = try await self.lane.beginLogin(of: self.token)
        let code = await self.lane.comeBack(next, code: "\(self.token).3").parameter("code") ?? ""
        _ = await self.lane.save(self.token, code: code)
        try await self.expect(self.provider.grant(self.token)?.accessTokens.last, in: &result)
        return result
    }

    private func expect(_ accessToken: String?, in result: inout KillResult) async throws {
        let reply = await self.lane.read(self.token)
        if reply.status != 200 || reply.body != accessToken {
            result.complaints.append("after the login one gets \(reply.status)")
        }
        if self.provider.grant(self.token)?.requestCount != 0 {
            result.complaints.append("somebody renewed a token that was not due")
        }
        _ = await self.lane.send("DELETE", self.lane.path(ofToken: self.token))
    }
}
