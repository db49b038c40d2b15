import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// Keys that are changed under a vault that serves, by commands that are killed: 6 times each, and 20 in `make test-crash`.
    @Suite(
        .enabled(if: VaultLab.isAvailable, "only root may allow providers on this machine"),
        .timeLimit(.minutes(20))
    )
    struct KeyCrashTests {
        private static let tokens = (0..<150).map { "t\($0)" }
        private static let kills = ProcessInfo.processInfo.environment["KILL_ROUNDS"] == nil ? 6 : 20

        private static func prepare(_ lane: VaultLane) async throws {
            for token in self.tokens {
                let secret = lane.path("secret-\(token)")
                try Data("access-of-\(token)".utf8).write(to: URL(fileURLWithPath: secret))
                _ = try await lane.command(["token", "import", VaultLane.service, token], input: secret)
            }
            try await lane.start()
        }

        /// Reads tokens 500 times in a second until it is cancelled.
        private static func read(_ lane: VaultLane) async throws -> (count: Int, failed: [String]) {
            var count = 0
            var failed: [String] = []
            while !Task.isCancelled {
                let begin = ContinuousClock.now
                let token = self.tokens[count / 50 % self.tokens.count]
                let visits = try await Crowd.visit(
                    port: lane.ports[0],
                    count: 50,
                    method: "POST",
                    path: lane.path(ofToken: token) + "/accesstoken",
                    headers: [lane.authorization, "Content-Length: 0"]
                )
                count += visits.count
                failed += visits.filter { $0.status != 200 || !$0.text.hasSuffix("access-of-\(token)") }.map {
                    "\($0.status) \($0.text.suffix(200))"
                }
                try? await Task.sleep(until: begin + .milliseconds(100))
            }
            return (count, failed)
        }

        private static func expectAllReadable(_ lane: VaultLane) async {
            for token in self.tokens {
                let reply = await lane.read(token)
                #expect(reply.status == 200)
                #expect(reply.body == "access-of-\(token)")
            }
        }

        private static func keys(_ lane: VaultLane, _ environment: [String: String] = [:]) async throws -> Int {
            let list = try await lane.command(["key", "list"], environment: environment)
            return list.split(separator: "\n").count - 1
        }

        @Test func aRotationThatIsKilledUnderLoadFailsNoRead() async throws {
            try await VaultLab.with([.none]) { lab in
                let lane = lab.lanes[0]
                try await Self.prepare(lane)
                let reader = Task { try await Self.read(lane) }
                let begin = ContinuousClock.now
                var killed = 0
                for _ in 0..<Self.kills {
                    let command = try lane.begin(["key", "rotate"])
                    try await Task.sleep(for: .milliseconds(Int.random(in: 5...400)))
                    if command.isRunning { killed += 1 }
                    command.signal(SIGKILL)
                    _ = try await command.waitForEnd()
                    _ = try await lane.command(["token", "list"])
                }
                while try await Self.keys(lane) > 1 { _ = try await lane.command(["key", "rotate"]) }
                _ = try await lane.command(["key", "rotate"])
                let elapsed = begin.duration(to: .now)
                reader.cancel()
                let (count, failed) = try await reader.value
                print("key rotate: \(killed) kills, \(count) reads in \(elapsed), \(failed.count) of them failed")
                #expect(failed.isEmpty)
                #expect(count > 50 * Self.kills)
                #expect(killed > 0)
                #expect(try await Self.keys(lane) == 1)
                await Self.expectAllReadable(lane)
                // A vault that starts now knows the new key alone.
                try await lane.kill()
                try await lane.start()
                await Self.expectAllReadable(lane)
            }
        }

        @Test func aRewrapThatIsKilledUnderLoadLeavesTheStoreToOneOfTwoKeys() async throws {
            try await VaultLab.with([.none]) { lab in
                let lane = lab.lanes[0]
                try await Self.prepare(lane)
                let reader = Task { try await Self.read(lane) }
                var present = lane.path("vault.key")
                let first = present
                var killed = 0
                func opens(_ key: String) async throws -> Bool {
                    let check = try lane.begin(["serve", "--check"], environment: ["TOKEN_VAULT_KEY_FILE": key])
                    return try await check.waitForEnd() == 0
                }
                for number in 0..<Self.kills {
                    let next = lane.path("key-\(number)")
                    let command = try lane.begin(
                        ["key", "rewrap", "--key-file", next, "--create-key"],
                        environment: ["TOKEN_VAULT_KEY_FILE": present]
                    )
                    try await Task.sleep(for: .milliseconds(Int.random(in: 5...250)))
                    if command.isRunning { killed += 1 }
                    command.signal(SIGKILL)
                    _ = try await command.waitForEnd()
                    let old = try await opens(present)
                    let new = try await opens(next)
                    #expect(old != new, "old \(old), new \(new)")
                    if new { present = next }
                }
                let last = lane.path("key-last")
                _ = try await lane.command(
                    ["key", "rewrap", "--key-file", last, "--create-key"],
                    environment: ["TOKEN_VAULT_KEY_FILE": present]
                )
                reader.cancel()
                let (count, failed) = try await reader.value
                print("key rewrap: \(killed) kills, \(count) reads, \(failed.count) of them failed")
                #expect(failed.isEmpty)
                #expect(count > 50 * Self.kills)
                #expect(try await !opens(first))
                let refusal = try await lane.command(["serve", "--check"], expecting: 78)
                #expect(refusal.contains("The key file does not fit the store"))
                try await lane.kill()
                try await lane.start(environment: ["TOKEN_VAULT_KEY_FILE": last])
                await Self.expectAllReadable(lane)
            }
        }

        @Test func aBackupThatIsKilledLeavesNoFileOfItsName() async throws {
            try await VaultLab.with([.none]) { lab in
                let lane = lab.lanes[0]
                try await Self.prepare(lane)
                for number in 0..<Self.kills {
                    // The key lies beside the folder, and may not lie in it.
                    let file = lane.path("store/backup-\(number)")
                    let command = try lane.begin(["backup", file])
                    try await Task.sleep(for: .milliseconds(Int.random(in: 5...250)))
                    command.signal(SIGKILL)
                    _ = try await command.waitForEnd()
                    guard FileManager.default.fileExists(atPath: file) else { continue }
                    let check = try lane.begin(["serve", "--check"], environment: ["TOKEN_VAULT_STORE": file])
                    #expect(try await check.waitForEnd() == 0)
                    #expect(check.logText.contains("\(Self.tokens.count)"), "\(check.logText)")
                }
            }
        }

        /// Yesterday's backup, put back by the command, beside providers that went on.
        @Test func yesterdaysBackupEndsNoGrantAndTheListIsRight() async throws {
            try await VaultLab.with([.none, .grace, .previousUntilUsed, .strict]) { lab in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for lane in lab.lanes { group.addTask { try await Self.restore(lane) } }
                    try await group.waitForAll()
                }
            }
        }

        private static func restore(_ lane: VaultLane) async throws {
            let (used, idle) = ("used", "idle")
            try await lane.start()
            // Not due before the backup has been made.
            try await lane.logIn(used, lifetime: 15)
            try await lane.logIn(idle, lifetime: 3600)
            let backup = lane.path("backup")
            _ = try await lane.command(["backup", backup])
            let first = lane.provider.grant(used)?.accessTokens.first
            #expect(
                try await eventually {
                    let reply = await lane.read(used)
                    return reply.status == 200 && reply.body != first
                }
            )
            let refusal = try await lane.command(["restore", backup], expecting: 75)
            #expect(refusal.contains("stop it first"))
            await (try lane.vault()).stop()
            let said = try await lane.command(["restore", backup])
            let rotates = lane.provider.state.ledger.kind != .none
            for token in [used, idle] { #expect(said.contains("\(VaultLane.service)/\(token)") == rotates, "\(said)") }
            try await lane.start()
            let listed = try await lane.command(["token", "list"])
            #expect(listed.components(separatedBy: "Restored").count - 1 == (rotates ? 2 : 0), "\(listed)")
            var reply = PlainRequest.Reply()
            #expect(
                try await eventually {
                    reply = await lane.read(used)
                    return reply.body != first
                }
            )
            if rotates {
                #expect(reply.body.contains("\"Restored\""), "\(reply)")
                #expect(lane.provider.grant(used)?.requestCount == 1)
                // One login, and it goes on.
                try await lane.logIn(used, lifetime: 3600, code: 2)
                #expect(await lane.read(used).status == 200)
            } else {
                #expect(reply.status == 200)
                #expect(reply.body == lane.provider.grant(used)?.accessTokens.last)
            }
            #expect(await lane.read(idle).status == 200)
            for token in [used, idle] {
                #expect(lane.provider.grant(token)?.isDead == false)
                #expect(lane.provider.grant(token)?.reuses == 0)
            }
        }
    }
}
