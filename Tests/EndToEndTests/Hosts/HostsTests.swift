import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// Vaults on two hosts and their database on a third, which lose each other.
    @Suite(.enabled(if: HostLab.isAvailable, "it takes root, PostgreSQL and iproute2"), .timeLimit(.minutes(15)))
    struct HostsTests {
        /// `make test-hosts` sets it: how many times everything happens.
        private static let rounds = ProcessInfo.processInfo.environment["HOST_ROUNDS"].flatMap { Int($0) }
        /// What nobody waits longer for: a reader whose token has expired waits for 25 seconds at the most, and each of the calls
        /// to a database that is gone for 5.
        private static let longestRead = Duration.seconds(25 + 2 * 5)

        private enum Event: String, CaseIterable, Sendable, CustomStringConvertible {
            case killedVault
            case restartedDatabase
            case crashedDatabase
            case pulledCable
            case silentNetwork
            case silentDatabase

            var description: String { self.rawValue }
        }

        /// The short form: what ends connections, and what leaves them as they are.
        @Test func everyGrantIsRenewedOnceAtATimeWhateverTheHostsLose() async throws {
            try await Self.run([.crashedDatabase, .silentNetwork], tokens: 3)
        }

        @Test(.enabled(if: rounds != nil, "make test-hosts runs it"))
        func theSameAgainAndAgainInEveryOrder() async throws {
            let events = (0..<(Self.rounds ?? 5)).flatMap { _ in Event.allCases.shuffled() }
            try await Self.run(events, tokens: 6)
        }

        private static func run(_ events: [Event], tokens: Int) async throws {
            try await HostLab.with { lab in
                let names = (0..<tokens).map { "t\($0)" }
                for name in names { try await lab.lane.logIn(name, lifetime: 6) }
                // Every token has to be renewed all the time.
                lab.lane.provider.change { $0.ledger.lifetimes = Array(repeating: 6, count: 100_000) }
                var notes: [String] = []
                let readings = try await HostReaders(lane: lab.lane, tokens: names).read {
                    try await Task.sleep(for: .seconds(2))
                    for (number, event) in events.enumerated() {
                        let begin = ContinuousClock.now
                        try await Self.happen(event, in: lab, vault: number % 2)
                        // Mostly at once. A lease with which something may have been sent has to run out, in 45 seconds.
                        let isBack = try await eventually(within: .seconds(75)) {
                            for vault in HostLab.vaults.indices {
                                for name in names where await lab.lane.read(name, from: vault).status != 200 {
                                    return false
                                }
                            }
                            return true
                        }
                        #expect(isBack, "\(event) at vault \(number % 2): \(lab.lane.log(number % 2).suffix(2000))")
                        notes.append("\(event): \(begin.duration(to: .now))")
                    }
                }
                try Self.judge(readings, names, lab, notes: notes)
            }
        }

        private static func happen(_ event: Event, in lab: HostLab, vault: Int) async throws {
            let host = HostLab.vaults[vault]
            switch event {
            case .killedVault:
                // Not over an answer: what that costs is the kill matrix's to say.
                try await Self.killBetweenCalls(vault, in: lab)
                try await Task.sleep(for: .seconds(1))
                try await lab.lane.start(vault)
            case .restartedDatabase:
                try await lab.cluster.stop(.fast)
                try await Task.sleep(for: .seconds(2))
                try await lab.cluster.start()
            case .crashedDatabase:
                try await lab.cluster.stop(.immediate)
                try await Task.sleep(for: .seconds(2))
                try await lab.cluster.start()
            case .pulledCable: try await Self.cut(host, .down, lab)
            case .silentNetwork: try await Self.cut(host, .silent, lab)
            case .silentDatabase: try await Self.cut(HostLab.database, .silent, lab)
            }
        }

        private static func cut(_ host: String, _ cut: HostNetwork.Cut, _ lab: HostLab) async throws {
            try await lab.network.cut(host, cut)
            try await Task.sleep(for: .seconds(7))
            try await lab.network.join(host)
        }

        private static func killBetweenCalls(_ vault: Int, in lab: HostLab) async throws {
            // Tokens are renewed when 2.7 of their 6 seconds are over, at the earliest.
            let isQuiet = try await eventually(within: .seconds(30)) {
                let state = lab.lane.provider.state
                let ages = state.ledger.grants.values.map { ($0.asked.last ?? $0.begin).duration(to: .now) }
                return state.underWay == 0 && ages.allSatisfy { $0 > .milliseconds(200) && $0 < .milliseconds(2200) }
            }
            #expect(isQuiet)
            try await lab.lane.kill(vault)
        }

        private static func judge(
            _ readings: [HostReaders.Reading],
            _ names: [String],
            _ lab: HostLab,
            notes: [String]
        ) throws {
            let statuses = Dictionary(grouping: readings, by: \.status).mapValues(\.count)
            let longest = readings.map(\.duration).max() ?? .zero
            print(
                "hosts: \(readings.count) reads \(statuses), the longest \(longest); \(notes.joined(separator: ", "))"
            )
            #expect(longest < Self.longestRead)
            // 0 and 502: a vault that was killed over it.
            #expect(Set(statuses.keys).isSubset(of: [0, 200, 502, 503]), "\(statuses)")
            #expect(statuses[200] ?? 0 > names.count * 20)
            for name in names {
                let grant = try #require(lab.lane.provider.grant(name))
                #expect(!grant.isDead, "\(name)")
                #expect(grant.reuses == 0, "\(name)")
                #expect(grant.requests.values.max() ?? 0 == 1, "\(name): \(grant.requests.values)")
                #expect(grant.rotations > notes.count / 2, "\(name)")
                let given = Set(readings.filter { $0.token == name && $0.status == 200 }.map(\.body))
                #expect(given.isSubset(of: grant.accessTokens), "\(name)")
            }
            #expect(lab.lane.provider.state.mostUnderWay <= names.count)
        }

        /// Its answer is in the journal of a host that nobody hears of, for longer than a lease lasts.
        @Test(.enabled(if: rounds != nil, "make test-hosts runs it"))
        func anAnswerOnAHostThatIsCutOffIsUsedWhenTheHostIsBackAsLongAsTheTokenLives() async throws {
            try await HostLab.with { lab in
                let (lane, token) = (lab.lane, "t")
                try await lane.logIn(token, lifetime: 140)
                let old = lane.provider.grant(token)?.accessTokens.last
                await (try lane.vault(1)).stop()
                // Half of its life and a tenth of that.
                lane.provider.stop(next: .done)
                #expect(try await lane.provider.isReached(within: .seconds(100)))
                try await lab.network.cut(HostLab.vaults[0], .silent)
                lane.provider.release()
                #expect(try await eventually { lane.log(0).contains("are in the journal until they can") })
                try await lane.start(1)
                #expect(
                    try await eventually(within: .seconds(60)) {
                        try await lane.look(at: token, at: 1).state == "Uncertain"
                    }
                )
                #expect(try await lane.look(at: token, at: 1).accessToken == old)
                try await lab.network.join(HostLab.vaults[0])
                #expect(try await eventually { try await lane.look(at: token, at: 1).accessToken != old })
                #expect(try await lane.look(at: token, at: 1).state == "Ok")
                #expect(lane.provider.grant(token)?.requestCount == 1)
                #expect(lane.provider.grant(token)?.isDead == false)
            }
        }
    }
}
