import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Many at once: what must hold on any machine; speed is measured elsewhere.
    @Suite struct LoadTests {
        private static let token = #"{"Parameters":{},"Value":{"AccessToken":"shared"},"ExpiresIn":3600}"#

        @Test func aThousandBrowsersAndASlowVault() async throws {
            let vault = try LoopbackServer(.after(.seconds(2), .json(Self.token)))
            defer { vault.stop() }
            let environment = [
                "TOKEN_VAULT_URL": vault.url("/t").absoluteString, "TOKEN_VAULT_MAX_CALLS": "4", "LOG_LEVEL": "info",
            ]
            try await Stack.with(.init(pageEnvironment: environment)) { stack in
                let page = try stack.process("page")
                let watch = Task {
                    var most = (threads: 0, bytes: 0)
                    while !Task.isCancelled {
                        if let usage = page.usage {
                            most = (max(most.threads, usage.threads), max(most.bytes, usage.bytes))
                        }
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                    return most
                }
                let visits = try await Crowd.visit(port: stack.port, count: 1000)
                watch.cancel()
                let most = await watch.value
                #expect(visits.filter { $0.status == 200 && $0.text.contains("shared") }.count == 1000)
                #expect(most.threads < 32)
                #expect(most.bytes < 150 * 1024 * 1024)
                #expect(vault.statistics.mostInFlight <= 4)
                #expect(vault.statistics.requestCount >= 1)
            }
        }

        @Test func aRestartUnderLoadLosesNoAcceptedRequest() async throws {
            let isAnswering = Box(false)
            let vault = try LoopbackServer { _ in
                while !isAnswering.value { usleep(5000) }
                return .json(Self.token)
            }
            defer {
                isAnswering.withLock { $0 = true }
                vault.stop()
            }
            let environment = ["TOKEN_VAULT_URL": vault.url("/t").absoluteString, "TOKEN_VAULT_TIMEOUT": "15"]
            try await Stack.with(.init(pageEnvironment: environment)) { stack in
                let page = try stack.process("page")
                let visits = try await Crowd.visit(port: stack.port, count: 200) {
                    // Until nginx has passed on all of them, for at most as long as the page waits for its vault.
                    for _ in 0..<1200 where UnixSocket.connections(to: stack.path("p.sock")) < 200 { usleep(10_000) }
                    page.signal(SIGTERM)
                    isAnswering.withLock { $0 = true }
                }
                // On a machine that took too long to pass on all of them the first have waited for the vault as long as they may.
                let late = visits.filter { $0.status == 504 && $0.text.contains("Something went wrong:") }.count
                let given = visits.filter { $0.status == 200 }.count
                let statuses = Dictionary(grouping: visits, by: \.status).mapValues(\.count)
                #expect(given + late == 200, "\(statuses)")
                #expect(given > 0, "\(statuses)")
                #expect(try await page.waitForEnd() == 0)
                #expect(!FileManager.default.fileExists(atPath: stack.path("p.sock")))
            }
        }

        @Test(arguments: [SIGTERM, SIGINT])
        func anIdlePageEndsAtOnce(signal: Int32) async throws {
            try await Stack.with { stack in
                let page = try stack.process("page")
                page.signal(signal)
                // Within a second by design; 25 seconds are for what is under way.
                #expect(try await page.waitForEnd(within: .seconds(20)) == 0)
            }
        }

        @Test func aBrowserThatLeavesIsNotWaitedFor() async throws {
            let vault = try LoopbackServer(.silence)
            defer { vault.stop() }
            let environment = ["TOKEN_VAULT_URL": vault.url("/t").absoluteString, "TOKEN_VAULT_TIMEOUT": "15"]
            try await Stack.with(.init(pageEnvironment: environment)) { stack in
                _ = try await Crowd.visit(port: stack.port, count: 10, limit: .seconds(1)) {
                    // They stay until the vault has been asked for them, however long that takes on a busy machine.
                    for _ in 0..<900 where vault.statistics.inFlight == 0 { usleep(10_000) }
                }
                // All of them have left: so does the call that was made for them, long before its time is over.
                let isAbandoned = try await eventually(within: .seconds(12)) {
                    vault.statistics.abandoned >= 1 && vault.statistics.inFlight == 0
                }
                #expect(isAbandoned)
            }
        }
    }
}
