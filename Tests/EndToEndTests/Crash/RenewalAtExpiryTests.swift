import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// Many readers, two vaults on one store, and a provider that ends the access of who shows an old refresh token.
    @Suite(
        .enabled(if: VaultLab.isAvailable, "only root may allow providers on this machine"),
        .timeLimit(.minutes(20))
    )
    struct RenewalAtExpiryTests {
        private static let token = "t"

        /// All at once, since each waits for most of its time.
        @Test func oneRequestAtATimeReachesTheProviderWhateverItAnswersAndHoweverManyAsk() async throws {
            let statuses = [500, 429, 503]
            try await VaultLab.with([.strict, .strict, .strict] + statuses.map { _ in .strict }, vaults: 2) { lab in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await Self.twoHundredReadersCostOneRequest(of: lab.lanes[0], delay: nil) }
                    group.addTask {
                        try await Self.twoHundredReadersCostOneRequest(of: lab.lanes[1], delay: .seconds(5))
                    }
                    group.addTask { try await Self.nobodyAsksAgainAfterASuccessThatCannotBeRead(lab.lanes[2]) }
                    for (lane, status) in zip(lab.lanes.dropFirst(3), statuses) {
                        group.addTask { try await Self.nobodyAsksEarlierThanTheProviderSaid(lane, status: status) }
                    }
                    try await group.waitForAll()
                }
            }
        }

        private static func twoHundredReadersCostOneRequest(of lane: VaultLane, delay: Duration?) async throws {
            for vault in 0..<2 { try await lane.start(vault) }
            lane.provider.change { $0.faults = delay.map { [.slow($0)] } ?? [] }
            // The next one lives until all readers have it, and the provider's books were read, on any machine.
            try await lane.logIn(Self.token, lifetime: 2, then: [60])
            let old = lane.provider.grant(Self.token)?.accessTokens.first
            try await Task.sleep(for: .milliseconds(2100))
            async let first = Self.readers(of: lane, at: 0)
            async let second = Self.readers(of: lane, at: 1)
            let visits = try await first + second
            let grant = try #require(lane.provider.grant(Self.token))
            let new = try #require(grant.accessTokens.last)
            #expect(new != old)
            #expect(grant.requestCount == 1)
            #expect(visits.count == 200)
            #expect(
                visits.allSatisfy { $0.status == 200 && $0.text.hasSuffix("\r\n\(new)") },
                "\(Set(visits.map(\.status)))"
            )

            var last = new
            // The sweeps of both vaults take some of them.
            lane.provider.change { $0.ledger.lifetimes = Array(repeating: 1, count: 100) }
            for round in 0..<10 {
                let isRenewed = try await eventually(within: .seconds(120)) {
                    let reply = await lane.read(Self.token, from: round % 2)
                    #expect([200, 503].contains(reply.status), "\(reply.status) \(reply.body)")
                    return reply.status == 200 && reply.body != last
                }
                #expect(isRenewed)
                last = lane.provider.grant(Self.token)?.accessTokens.last ?? ""
            }
            let state = lane.provider.state
            #expect(state.mostUnderWay == 1)
            #expect(state.ledger.grants[Self.token]?.isDead == false)
            #expect(state.ledger.grants[Self.token]?.reuses == 0)
            #expect(state.ledger.grants[Self.token]?.rotations ?? 0 >= 11)
        }

        private static func readers(of lane: VaultLane, at vault: Int) async throws -> [Crowd.Visit] {
            try await Crowd.visit(
                port: lane.ports[vault],
                count: 100,
                method: "POST",
                path: lane.path(ofToken: Self.token) + "/accesstoken",
                headers: [lane.authorization, "Content-Length: 0"]
            )
        }

        /// Two failures, while readers of both vaults ask all the time.
        private static func nobodyAsksEarlierThanTheProviderSaid(_ lane: VaultLane, status: Int) async throws {
            for vault in 0..<2 { try await lane.start(vault) }
            let lifetime = 9
            lane.provider.change { state in
                state.faults = [.status(status, retryAfter: 3), .status(status, retryAfter: 3)]
            }
            try await lane.logIn(Self.token, lifetime: lifetime)
            // The vault has had the token since before this.
            let begin = ContinuousClock.now
            let old = lane.provider.grant(Self.token)?.accessTokens.first ?? ""
            try await withThrowingTaskGroup(of: Void.self) { group in
                for reader in 0..<6 {
                    group.addTask {
                        let end = begin + .seconds(120)
                        while ContinuousClock.now < end {
                            let asked = ContinuousClock.now
                            let reply = await lane.read(Self.token, from: reader % 2)
                            switch reply.status {
                            case 200 where reply.body == old:
                                // The clocks of login and test, and whole seconds.
                                #expect(asked < begin + .seconds(lifetime + 3), "an expired token was handed out")
                            case 200: return
                            case 503: #expect(Int(reply.headers["retry-after"] ?? "") ?? 0 >= 1)
                            default: Issue.record("\(status): \(reply.status) \(reply.body)")
                            }
                            try await Task.sleep(for: .milliseconds(100))
                        }
                        Issue.record("\(status): the next round brought nothing")
                    }
                }
                try await group.waitForAll()
            }
            let state = lane.provider.state
            // The first is that of the login.
            let calls = state.calls.dropFirst()
            #expect(calls.count == 3, "\(status)")
            #expect(state.mostUnderWay == 1)
            for (call, next) in zip(calls, calls.dropFirst()) { #expect(next - call >= .seconds(3)) }
            #expect(state.ledger.grants[Self.token]?.requestCount == 1)
            #expect(state.ledger.grants[Self.token]?.isDead == false)
        }

        private static func nobodyAsksAgainAfterASuccessThatCannotBeRead(_ lane: VaultLane) async throws {
            try await lane.start()
            lane.provider.change { $0.faults = [.unreadable] }
            // Half of its life is enough for the sweep to come by, which it does every five seconds.
            try await lane.logIn(Self.token, lifetime: 30)
            let old = lane.provider.grant(Self.token)?.accessTokens.first
            var look = try await lane.look(at: Self.token)
            #expect(look.state == "Ok")
            #expect(
                try await eventually {
                    look = try await lane.look(at: Self.token)
                    return look.state != "Ok"
                }
            )
            #expect(look.state == "Uncertain")
            #expect(look.accessToken == old)
            #expect(try await eventually { await lane.read(Self.token).status != 200 })
            #expect(await lane.read(Self.token).body.contains("\"LostRotation\""))
            // The sweep comes by once more.
            try await Task.sleep(for: .seconds(6))
            #expect(lane.provider.grant(Self.token)?.requestCount == 1)
            #expect(try await lane.watch().quarantined() == 1)
            #expect(try await lane.command(["audit", "list"]).contains("Uncertain"))
        }
    }
}
