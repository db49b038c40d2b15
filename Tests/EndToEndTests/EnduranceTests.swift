import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The short form of Benchmarks/soak: pages for ten seconds, from a vault where every sixth call goes wrong.
    @Suite struct EnduranceTests {
        private static let maxCalls = 8
        private static let token = #"{"Parameters":{},"Value":{"AccessToken":"sl.steady"},"ExpiresIn":3600}"#
        /// Answers that are no token.
        private static let faults: [LoopbackServer.Answer] = [
            .text("no", status: 403),
            .text("ill", status: 500),
            .json(#"{"Value":{"Access"#),
            .raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 70\r\n\r\n{\"Value\":"),
            .reset,
            .after(.seconds(10), .json(token)),
        ]

        /// What the page has at one moment.
        private struct Holdings {
            var bytes = 0
            var threads = 0
            var descriptors = 0

            init(of page: ChildProcess) throws {
                let usage = try #require(page.usage)
                self.bytes = usage.bytes
                self.threads = usage.threads
                self.descriptors = try #require(page.descriptorCount)
            }
        }

        private static func startVault() throws -> LoopbackServer {
            let count = Box(0)
            return try LoopbackServer(keepsRequests: false) { _ in
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                return number.isMultiple(of: 6) ? Self.faults[number / 6 % Self.faults.count] : .json(Self.token)
            }
        }

        @Test func aPageStaysAsItIsWhileTheVaultFailsInEveryWay() async throws {
            let vault = try Self.startVault()
            defer { vault.stop() }
            let environment = [
                "TOKEN_VAULT_URL": vault.url("/t").absoluteString, "TOKEN_VAULT_TIMEOUT": "2", "LOG_LEVEL": "error",
                // A call for each page, so that the faults and the connections are many.
                "TOKEN_VAULT_SHARE_CALLS": "false", "TOKEN_VAULT_MAX_CALLS": "\(Self.maxCalls)",
            ]
            try await Stack.with(.init(pageEnvironment: environment)) { stack in
                let page = try stack.process("page")
                // What is filled once is filled: caches, pools, threads.
                _ = try await Self.visit(stack, for: .seconds(3), atLeast: 0)
                let first = try await Self.holdings(of: page, vault: vault)
                let callsBefore = vault.statistics.requestCount
                let outcomes = try await Self.visit(stack, for: .seconds(8), atLeast: 100)
                let last = try await Self.holdings(of: page, vault: vault)

                #expect(page.isRunning)
                #expect(outcomes.unexpected == [:])
                #expect(outcomes.pages >= 100)
                #expect(outcomes.failures >= 10)
                #expect(vault.statistics.requestCount - callsBefore >= 100)
                #expect(vault.statistics.mostInFlight <= Self.maxCalls + Self.faults.count)
                // The pool of connections to the vault may be full at one time and not at the other.
                #expect(last.descriptors <= first.descriptors + Self.maxCalls)
                #expect(last.threads <= first.threads + 4)
                #expect(last.bytes < first.bytes + 16 * 1024 * 1024)
                #expect(try await Browser.get(stack.pageURL + "/healthz").status == 200)
            }
        }

        /// Crowds one after the other, for so long and until there were so many pages; every fifth leaves before it has them.
        private static func visit(
            _ stack: Stack,
            for duration: Duration,
            atLeast enough: Int
        ) async throws -> (pages: Int, failures: Int, unexpected: [String: Int]) {
            let begin = ContinuousClock.now
            let (end, last) = (begin + duration, begin + duration + Patience.limit)
            var pages = 0
            var failures = 0
            var unexpected: [String: Int] = [:]
            var round = 0
            while ContinuousClock.now < (pages < enough ? last : end) {
                round += 1
                guard !round.isMultiple(of: 5) else {
                    _ = try await Crowd.visit(port: stack.port, count: 24, limit: .milliseconds(5))
                    continue
                }
                for visit in try await Crowd.visit(port: stack.port, count: 24, limit: Patience.limit) {
                    switch visit.status {
                    case 200 where visit.text.contains("sl.steady"): pages += 1
                    case 502 where visit.text.contains("Something went wrong:"): failures += 1
                    case 504 where visit.text.contains("Something went wrong:"): failures += 1
                    default: unexpected["\(visit.status) \(visit.text.prefix(300))", default: 0] += 1
                    }
                }
            }
            return (pages, failures, unexpected)
        }

        /// Waits until nothing is under way any more.
        private static func holdings(of page: ChildProcess, vault: LoopbackServer) async throws -> Holdings {
            var holdings = try Holdings(of: page)
            var quiet = 0
            // Three looks in a row without a call and without a change.
            _ = try await eventually {
                try await Task.sleep(for: .milliseconds(100))
                let now = try Holdings(of: page)
                let isQuiet = vault.statistics.inFlight == 0 && now.descriptors == holdings.descriptors
                quiet = isQuiet ? quiet + 1 : 0
                holdings = now
                return quiet >= 3
            }
            return holdings
        }
    }
}
