import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// The vault, and a command that writes, killed at the worst of times.
    @Suite struct VaultCrashTests {
        @Test func noKillLosesATokenOrHandsOutHalfOfOne() async throws {
            try await Stack.with { stack in
                let authorization = "Authorization: Bearer \(try await stack.bearer())"
                var tokens = [stack.sampleToken]
                var given = 0
                for round in 0..<8 {
                    let token = "round-\(round)-" + String(repeating: "x", count: 20_000) + "-end"
                    tokens.append(token)
                    try Data("\(token)\n".utf8).write(to: stack.directory.appending(path: "next"))
                    let command = try stack.startImport("dropbox", "sampleToken", input: stack.path("next"))
                    let vault = try stack.process("vault")
                    let visits = try await Crowd.visit(
                        port: stack.vaultPort,
                        count: 200,
                        path: "/services/dropbox/tokens/sampleToken",
                        headers: [authorization],
                        whenSent: {
                            // A different moment in every round, for both.
                            usleep(UInt32(round * 12_000))
                            command.signal(SIGKILL)
                            if round % 2 == 1 { vault.signal(SIGKILL) }
                        }
                    )
                    _ = try await command.waitForEnd()
                    for visit in visits where visit.status == 200 {
                        given += 1
                        let isWhole = tokens.contains { visit.text.contains("\"accessToken\":\"\($0)\"") }
                        #expect(isWhole)
                    }
                    let others = Set(visits.map(\.status)).subtracting([200])
                    #expect(others.isSubset(of: round % 2 == 1 ? [0, 502, 503] : []), "\(others)")
                    if round % 2 == 1 {
                        _ = try await vault.waitForEnd()
                        try stack.startVault()
                        let readiness = stack.vaultURL + "/readyz"
                        #expect(try await eventually { try await Browser.get(readiness).status == 200 })
                    }
                }
                #expect(given >= 800)
                try Data("the-last-one\n".utf8).write(to: stack.directory.appending(path: "next"))
                try await stack.vault(["token", "import", "dropbox", "sampleToken"], input: stack.path("next"))
                let page = try await Browser.get(stack.pageURL + "/")
                #expect(page.visibleText.contains("Token: the-last-one"))
                let audited = try await stack.vaultOutput(["audit", "list"]).split(separator: "\n")
                    .filter { $0.contains("\tgetToken\t") && $0.contains("\tgiven") }.count
                #expect(audited >= given)
                // It ends with 1 when a chain is broken.
                try await stack.vault(["audit", "verify"])
                #expect(!stack.log("vault.log").contains("-end"))
            }
        }

        @Test func aCrashPutsNoMemoryIntoTheLog() async throws {
            try await Stack.with { stack in
                for (name, signal) in [("vault", SIGSEGV), ("page", SIGABRT), ("emulator", SIGILL)] {
                    let process = try stack.process(name)
                    let limits = try String(contentsOfFile: "/proc/\(process.identifier)/limits", encoding: .utf8)
                    let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
                    #expect(core?.split(whereSeparator: \.isWhitespace).dropFirst(4).prefix(2) == ["0", "0"])
                    process.signal(signal)
                    #expect(try await process.waitForEnd() == 128 + signal)
                    #expect(!stack.log("\(name).log").contains("acktrac"))
                    #expect(!stack.log("\(name).log").contains("Registers"))
                }
            }
        }
    }
}
