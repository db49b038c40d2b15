import FastCGI
import Foundation
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing
import TokenTransport

@testable import TokenPage

/// The socket that `LoadCredential=` names, with real peers.
@Suite struct UnitTokenServerTests {
    private static let isRoot = geteuid() == 0
    private static let needsRoot: Comment = "only root can be taken for systemd"

    /// A server on a socket that everybody may open, as nobody should have it, so that the server itself has to tell who asks.
    private struct Running: Sendable {
        let path: String
        let visit: PageVisit
        let shutDown: @Sendable () async -> Void

        func ask(_ unit: String = "backup.service", _ credential: String = "dropbox", user: UInt32? = nil) async throws
            -> [UInt8]?
        {
            try await UnitClient.ask(self.path, name: Self.name(unit, credential), user: user)
        }

        static func name(_ unit: String = "backup.service", _ credential: String = "dropbox") -> String {
            "\(String(UInt64.random(in: 1...UInt64.max), radix: 16))/unit/\(unit)/\(credential)"
        }
    }

    private static func with(
        writeLimit: TimeAmount = .seconds(10),
        timeLimit: Duration = PageDeadline.limit,
        environment: [String: String] = [:],
        vault: @escaping FakeTransport.Answer = { _ in .vault(token: "the-token") },
        _ body: @Sendable (Running) async throws -> Void
    ) async throws {
        // Directly below /tmp, since an ordinary user has to get to the socket.
        let directory = "/tmp/unit-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = "\(directory)/units.json"
        try Data(
            #"""
            {"backup.service": {"dropbox": "https://name.westcentralus.tokenvault.azure.net/services/dropbox/tokens/b"}}
            """#.utf8
        ).write(to: URL(fileURLWithPath: file))
        try TemporaryDirectory.setMode(0o644, file)
        let visit = try PageVisit(
            environment: ["TOKEN_PAGE_CREDENTIALS": file].merging(environment) { $1 },
            timeLimit: timeLimit,
            vault: vault
        )
        let path = "\(directory)/s"
        let server = UnitTokenServer(
            address: .unixSocket(path: path, mode: 0o666),
            source: try #require(visit.page.unitTokens),
            logger: visit.log.logger,
            writeLimit: writeLimit
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: visit.log.logger
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let isUp = try await eventually { visit.log.text.contains("serving tokens to units") }
            try #require(isUp)
            try await body(Running(path: path, visit: visit) { await group.triggerGracefulShutdown() })
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(!visit.log.text.contains("the-token"))
    }

    @Test(.enabled(if: isRoot, needsRoot)) func aUnitGetsTheTokenOfThisMomentAndNothingElse() async throws {
        let number = Box(0)
        let vault: FakeTransport.Answer = { _ in
            number.withLock { $0 += 1 }
            return .vault(token: "the-token-\(number.value)")
        }
        try await Self.with(vault: vault) { server in
            let answer = try await server.ask()
            #expect(answer == Array("the-token-1".utf8))
            // Nothing is kept: what another start gets, the vault says then.
            let next = try await server.ask()
            #expect(next == Array("the-token-2".utf8))
            let asked = server.visit.vaultRequests.map(\.url.absoluteString)
            #expect(asked.allSatisfy { $0.hasSuffix("/services/dropbox/tokens/b") })
            #expect(server.visit.log.text.contains("A unit gets its token"))
            #expect(server.visit.log.text.contains("backup.service"))
        }
    }

    @Test func whoIsNotRootGetsNothingWhateverNameIsBound() async throws {
        try await Self.with { server in
            let answer = try await server.ask(user: Self.isRoot ? 65_534 : nil)
            #expect(answer == [])
            #expect(server.visit.log.text.contains("Somebody who is not systemd asks"))
            #expect(server.visit.transport.requests.isEmpty)
        }
    }

    @Test(
        .enabled(if: isRoot, needsRoot),
        arguments: [nil, "x", "e7/unit/backup.service", "e7/unit/backup.service/d/x"]
    )
    func rootUnderANameThatIsNotKnownIsRefusedSoThatNoUnitStartsWithNothing(name: String?) async throws {
        try await Self.with { server in
            let answer = try await UnitClient.ask(server.path, name: name) ?? []
            #expect(answer.count > 1 << 20)
            #expect(String(decoding: answer, as: UTF8.self).hasPrefix("No token: "))
            #expect(server.visit.transport.requests.isEmpty)
        }
    }

    /// systemd starts a unit with whatever it read, unless that is more than a credential may have.
    @Test(.enabled(if: isRoot, needsRoot), arguments: [("backup.service", "github"), ("other.service", "dropbox")])
    func whatTheRulesDoNotNameIsRefusedSoThatTheUnitDoesNotStart(unit: String, credential: String) async throws {
        try await Self.with { server in
            let answer = try await server.ask(unit, credential) ?? []
            #expect(answer.count > 1 << 20)
            #expect(String(decoding: answer, as: UTF8.self).hasPrefix("No token: "))
            #expect(server.visit.transport.requests.isEmpty)
            #expect(server.visit.log.text.contains("error A unit does not start"))
        }
    }

    @Test(.enabled(if: isRoot, needsRoot)) func aVaultThatSaysNoIsARefusalWithItsReason() async throws {
        let vault: FakeTransport.Answer = { _ in
            .text(403, #"{"error":{"code":"Forbidden","message":"not for you"}}"#)
        }
        try await Self.with(vault: vault) {
            let answer = try await $0.ask() ?? []
            #expect(answer.count > 1 << 20)
            #expect($0.visit.log.text.contains("not for you"))
        }
    }

    @Test(.enabled(if: isRoot, needsRoot), arguments: ["the-token\nx", "the-token\u{7}", ""])
    func whatCannotBeATokenIsNotHandedOut(token: String) async throws {
        let body = try JSONEncoder().encode(["accessToken": token])
        let vault: FakeTransport.Answer = { _ in
            .text(200, #"{"value":"# + String(decoding: body, as: UTF8.self) + "}")
        }
        try await Self.with(vault: vault) {
            let answer = try await $0.ask() ?? []
            #expect(answer.count > 1 << 20)
        }
    }

    @Test(.enabled(if: isRoot, needsRoot)) func aVaultThatHangsFailsTheStartInTime() async throws {
        let vault: FakeTransport.Answer = { _ in
            try await Task.sleep(for: .seconds(600))
            return .vault(token: "late")
        }
        try await Self.with(timeLimit: .milliseconds(300), vault: vault) { server in
            let answer = try await server.ask() ?? []
            #expect(answer.count > 1 << 20)
            #expect(server.visit.log.text.contains("A unit does not start"))
        }
    }

    @Test(.enabled(if: isRoot, needsRoot)) func aPeerThatDoesNotReadDelaysNobodyAndIsDropped() async throws {
        try await Self.with(writeLimit: .milliseconds(500)) { server in
            let silent = try (0..<20).map { _ in
                try UnitClient(path: server.path, name: Running.name("other.service"))
            }
            #expect(try await server.ask() == Array("the-token".utf8))
            #expect(
                try await eventually {
                    server.visit.log.lines.filter { $0.contains("does not read its answer") }.count == silent.count
                }
            )
        }
    }

    @Test(.enabled(if: isRoot, needsRoot)) func moreThanAreServedAtATimeWaitAndThenGetTheirs() async throws {
        let gate = Gate()
        let count = UnitTokenServer.maxConnections + 10
        let calls = ["TOKEN_VAULT_SHARE_CALLS": "false", "TOKEN_VAULT_MAX_CALLS": "1000"]
        let vault: FakeTransport.Answer = { _ in
            _ = try await gate.pass()
            return .vault(token: "the-token")
        }
        try await Self.with(environment: calls, vault: vault) { server in
            try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                for _ in 0..<count { group.addTask { try await server.ask() } }
                #expect(try await eventually { gate.statistics.begun == UnitTokenServer.maxConnections })
                gate.openAll()
                for try await answer in group { #expect(answer == Array("the-token".utf8)) }
            }
            #expect(gate.statistics.most == UnitTokenServer.maxConnections)
        }
    }

    @Test(.enabled(if: isRoot, needsRoot)) func aShutdownFinishesWhatWasBegun() async throws {
        let gate = Gate()
        let vault: FakeTransport.Answer = { _ in
            _ = try await gate.pass()
            return .vault(token: "the-token")
        }
        try await Self.with(vault: vault) { server in
            async let answer = server.ask()
            let isBegun = try await eventually { gate.statistics.begun == 1 }
            #expect(isBegun)
            await server.shutDown()
            gate.openAll()
            let token = try await answer
            #expect(token == Array("the-token".utf8))
        }
    }
}
