import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// A vault whose database goes away and comes back.
    @Suite(
        .enabled(if: VaultLab.isAvailable && PostgresCluster.isAvailable, "it takes root and PostgreSQL"),
        .timeLimit(.minutes(20))
    )
    struct PostgresOutageTests {
        /// How a database can be gone.
        private enum Outage: String, CaseIterable, Sendable, CustomStringConvertible {
            case stopped
            case crashed
            /// Its processes are there, and answer nothing.
            case standingStill

            var description: String { self.rawValue }

            func begin(_ cluster: PostgresCluster) async throws {
                switch self {
                case .stopped: try await cluster.stop(.fast)
                case .crashed: try await cluster.stop(.immediate)
                case .standingStill: cluster.signalAll(SIGSTOP)
                }
            }

            func end(_ cluster: PostgresCluster) async throws {
                switch self {
                case .stopped, .crashed: try await cluster.start()
                case .standingStill: cluster.signalAll(SIGCONT)
                }
            }
        }

        /// What a reader is told at the latest: the deadline of a call to the database, and some time for a busy machine; without
        /// a deadline nginx would give up after a minute.
        private static let limit = Duration.seconds(5 + 25)
        private static let token = "t"

        private static func with(
            lanes: Int = 1,
            settings: [String: String] = [:],
            _ body: @Sendable (VaultLab, PostgresCluster) async throws -> Void
        ) async throws {
            try await PostgresCluster.with(settings: settings) { cluster in
                let kinds = Array(repeating: GrantLedger.Kind.strict, count: lanes)
                try await VaultLab.with(kinds, cluster: cluster) { try await body($0, cluster) }
            }
        }

        /// One after the other, at one database and one vault.
        @Test func withoutItsDatabaseTheVaultSaysSoInTimeAndComesBackByItself() async throws {
            try await Self.with { lab, cluster in
                let lane = lab.lanes[0]
                try await lane.start()
                try await lane.logIn(Self.token, lifetime: 3600)
                let access = lane.provider.grant(Self.token)?.accessTokens.last
                for outage in Outage.allCases {
                    try await outage.begin(cluster)
                    // The first meets connections that stood, the second may meet none.
                    for _ in 0..<2 {
                        let begin = ContinuousClock.now
                        let reply = await lane.read(Self.token)
                        #expect(reply.status == 503, "\(outage): \(reply)")
                        #expect(reply.headers["retry-after"].flatMap { Int($0) } ?? 0 > 0, "\(outage): \(reply)")
                        #expect(reply.body.contains("\"StoreUnavailable\""), "\(outage): \(reply)")
                        #expect(begin.duration(to: .now) < Self.limit, "\(outage)")
                    }
                    #expect(await lane.send("GET", "/healthz").status == 200)
                    #expect(await lane.send("GET", "/readyz").status == 503)
                    try await outage.end(cluster)
                    #expect(try await eventually { await lane.read(Self.token).status == 200 }, "\(outage)")
                    #expect(await lane.read(Self.token).body == access)
                }
                #expect(lane.provider.grant(Self.token)?.requestCount == 0)
                _ = try await lane.command(["audit", "verify"])
            }
        }

        @Test func nothingIsSentToAProviderWithoutALease() async throws {
            try await Self.with { lab, cluster in
                let lane = lab.lanes[0]
                try await lane.start()
                // Not due before the database is gone.
                try await lane.logIn(Self.token, lifetime: 12)
                try await cluster.stop(.immediate)
                // It has expired, and readers want it.
                try await Task.sleep(for: .seconds(12))
                for _ in 0..<3 { #expect(await lane.read(Self.token).status == 503) }
                #expect(lane.provider.grant(Self.token)?.requestCount == 0)
                try await cluster.start()
                #expect(try await eventually { await lane.read(Self.token).status == 200 })
                #expect(lane.provider.grant(Self.token)?.requestCount == 1)
                #expect(lane.provider.grant(Self.token)?.reuses == 0)
            }
        }

        /// The answer is in the journal while there is no database, also when the vault is killed then.
        @Test func anAnswerThatComesWhileTheDatabaseIsAwayIsStoredWhenItIsBack() async throws {
            try await Self.with(lanes: 2) { lab, cluster in
                for lane in lab.lanes {
                    try await lane.start()
                    // Due when the provider has been told to stop, however long a login takes.
                    try await lane.logIn(Self.token, lifetime: 12)
                    lane.provider.stop(next: .done)
                }
                for lane in lab.lanes { #expect(try await lane.provider.isReached()) }
                try await cluster.stop(.immediate)
                for lane in lab.lanes { lane.provider.release() }
                for lane in lab.lanes {
                    #expect(try await eventually { lane.log().contains("are in the journal until they can") })
                }
                try await lab.lanes[1].kill()
                try await cluster.start()
                try await lab.lanes[1].start()
                for lane in lab.lanes {
                    #expect(
                        try await eventually { await lane.read(Self.token).status == 200 },
                        "\(lane.log().suffix(2000))"
                    )
                    #expect(await lane.read(Self.token).body == lane.provider.grant(Self.token)?.accessTokens.last)
                    #expect(lane.provider.grant(Self.token)?.requestCount == 1)
                    #expect(lane.log().contains("was taken out of the journal"))
                }
            }
        }

        @Test func whenOthersHaveAllConnectionsTheVaultGoesOnWithItsOwn() async throws {
            try await Self.with(settings: ["max_connections": "20", "superuser_reserved_connections": "2"]) {
                lab,
                cluster in
                let lane = lab.lanes[0]
                try await lane.start()
                try await lane.logIn(Self.token, lifetime: 3600)
                let hogs = try (0..<24).map { _ in
                    try cluster.beginQuery("SELECT pg_sleep(600)", as: PostgresCluster.role)
                }
                let isFull = try await eventually {
                    try await cluster.query(
                        "SELECT count(*) >= 18 FROM pg_stat_activity WHERE backend_type = 'client backend'"
                    )
                        == "t"
                }
                #expect(isFull)
                for _ in 0..<5 {
                    let begin = ContinuousClock.now
                    let reply = await lane.read(Self.token)
                    #expect([200, 503].contains(reply.status), "\(reply)")
                    #expect(begin.duration(to: .now) < Self.limit)
                }
                // Another one cannot begin, and says why; systemd starts it again.
                let refusal = try await lane.command(["token", "list"], expecting: 75)
                #expect(refusal.contains("connections"), "\(refusal)")
                for hog in hogs {
                    hog.signal(SIGTERM)
                    _ = try await hog.waitForEnd()
                }
                _ = try await cluster.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
                )
                #expect(try await eventually { await lane.read(Self.token).status == 200 })
            }
        }
    }
}
