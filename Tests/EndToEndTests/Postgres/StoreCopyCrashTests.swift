import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// A store that moves from SQLite to PostgreSQL and back, by a command that is killed.
    @Suite(
        .enabled(if: VaultLab.isAvailable && PostgresCluster.isAvailable, "it takes root and PostgreSQL"),
        .timeLimit(.minutes(20))
    )
    struct StoreCopyCrashTests {
        private static let tokens = (0..<30).map { "t\($0)" }
        private static let moves = ProcessInfo.processInfo.environment["KILL_ROUNDS"] == nil ? 4 : 20

        @Test func aMoveThatIsKilledLeavesOneStoreAndTheNextRunEndsIt() async throws {
            try await PostgresCluster.with { cluster in
                try await VaultLab.with([.strict]) { try await Self.move($0.lanes[0], cluster) }
            }
        }

        private static func move(_ lane: VaultLane, _ cluster: PostgresCluster) async throws {
            for token in self.tokens {
                let secret = lane.path("secret-\(token)")
                try Data("access-of-\(token)".utf8).write(to: URL(fileURLWithPath: secret))
                _ = try await lane.command(["token", "import", VaultLane.service, token], input: secret)
            }
            try await lane.start()
            try await lane.logIn("renewed", lifetime: 3600)
            await (try lane.vault()).stop()
            let settings = [
                "TOKEN_VAULT_POSTGRES_PASSWORD_FILE": cluster.passwordFile,
                "TOKEN_VAULT_STATE_DIRECTORY": lane.path("state"),
            ]
            func environment(_ store: String) -> [String: String] {
                settings.merging(["TOKEN_VAULT_STORE": store]) { $1 }
            }
            func serves(_ store: String) async throws -> Bool {
                try await lane.begin(["serve", "--check"], environment: environment(store)).waitForEnd() == 0
            }
            var present = lane.store
            var (killed, ends): (Int, [String: Int]) = (0, [:])
            for number in 0..<self.moves {
                let next =
                    number % 2 == 0
                    ? try await cluster.makeDatabase("copy\(number)") : lane.path("store\(number)/vault.sqlite")
                let command = try lane.begin(["store", "copy", "--to", next], environment: environment(present))
                try await Task.sleep(for: .milliseconds(Int.random(in: 5...1500)))
                if command.isRunning { killed += 1 }
                command.signal(SIGKILL)
                _ = try await command.waitForEnd()
                // What the server does for who is gone comes to its end.
                let isOver = try await eventually {
                    try await cluster.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'token-vault'"
                    ) == "0"
                }
                #expect(isOver)
                let (old, new) = (try await serves(present), try await serves(next))
                #expect(!(old && new))
                ends[old ? "old" : new ? "new" : "neither", default: 0] += 1
                _ = try await lane.command(["store", "copy", "--to", next], environment: environment(present))
                #expect(try await !serves(present))
                #expect(try await serves(next))
                present = next
            }
            print("store copy: \(killed) of \(self.moves) killed, \(ends)")
            _ = try await lane.command(["audit", "verify"], environment: environment(present))
            try await lane.start(environment: environment(present))
            for token in self.tokens { #expect(await lane.read(token).body == "access-of-\(token)") }
            #expect(await lane.read("renewed").body == lane.provider.grant("renewed")?.accessTokens.last)
        }

        /// A vault that goes on serving a database that its store has left hands nothing out, and renews nothing.
        @Test func aVaultThatStillServesAStoreThatHasMovedIsRefused() async throws {
            try await PostgresCluster.with { cluster in
                try await VaultLab.with([.strict], cluster: cluster) { lab in
                    let lane = lab.lanes[0]
                    try await lane.start()
                    // Not due before the store has moved.
                    try await lane.logIn("t", lifetime: 20)
                    let file = lane.path("moved/vault.sqlite")
                    _ = try await lane.command(["store", "copy", "--to", file])
                    #expect(await lane.read("t").status == 503)
                    #expect(await lane.send("GET", "/readyz").status == 503)
                    try await Task.sleep(for: .seconds(21))
                    #expect(await lane.read("t").status == 503)
                    #expect(lane.provider.grant("t")?.requestCount == 0)
                    let refusal = try await lane.command(["token", "list"], expecting: 78)
                    #expect(refusal.contains(file), "\(refusal)")
                    await (try lane.vault()).stop()
                    try await lane.start(environment: ["TOKEN_VAULT_STORE": file])
                    #expect(try await eventually { await lane.read("t").status == 200 })
                    #expect(lane.provider.grant("t")?.reuses == 0)
                }
            }
        }
    }
}
