import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// What becomes of a change when the connection is lost, or the server ends, stands still or comes back.
struct LostConnectionTests {
    /// The deadline of a call that nothing can answer.
    private static let short = ["TOKEN_VAULT_POSTGRES_DEADLINE": "3"]
    /// That of calls which are answered, however busy the machine is.
    private static let long = ["TOKEN_VAULT_POSTGRES_DEADLINE": "60"]
    /// Whoever waits beyond the short one is noticed after several of them.
    private static let limit = Duration.seconds(20)

    private static let entry = AuditEntry(principal: .vault, action: .getToken, outcome: .given)

    private func store(
        _ files: PostgresFixture,
        through relay: CuttingRelay,
        settings: [String: String]
    ) async throws -> PostgresStore {
        try await PostgresStore.open(
            files.address(
                "postgresql://vault@127.0.0.1:\(relay.port)/vault",
                settings: settings
            ),
            stateDirectory: files.stateDirectory()
        )
    }

    private func entries(_ files: PostgresFixture) async throws -> Int? {
        Int(try await files.sql("SELECT count(*) FROM audit").trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test(arguments: [CuttingRelay.Cut.beforeCommit, .afterCommit])
    func aChangeThatWasCutOffAtItsEndIsMadeOnce(cut: CuttingRelay.Cut) async throws {
        let files = try await PostgresFixture()
        try await files.makeStore()
        let relay = try CuttingRelay(to: files.server.port)
        let store = try await self.store(files, through: relay, settings: Self.long)
        for round in 1...5 {
            relay.cutNext(cut)
            try await store.append([Self.entry])
            #expect(try await self.entries(files) == round)
        }
    }

    @Test func aNetworkThatIsCutSilentlyCostsADeadlineAndNoMore() async throws {
        let files = try await PostgresFixture()
        try await files.makeStore()
        let relay = try CuttingRelay(to: files.server.port)
        let store = try await self.store(files, through: relay, settings: Self.short)
        relay.cutNext(.silently)
        let begin = ContinuousClock.now
        let error = await #expect(throws: StoreError.self) { try await store.append([Self.entry]) }
        #expect(error?.code == .unavailable)
        #expect(begin.duration(to: .now) < Self.limit)
        let second = ContinuousClock.now
        let next = await #expect(throws: StoreError.self) { try await store.returnURLs() }
        #expect(next?.code == .unavailable)
        #expect(second.duration(to: .now) < Self.limit)
        relay.mend()
        try await self.expectRecovery(of: store)
        // The server has thrown away what was never committed.
        #expect(try await self.entries(files) == 0)
    }

    private func expectRecovery(of store: PostgresStore) async throws {
        let begin = ContinuousClock.now
        while true {
            do {
                _ = try await store.returnURLs()
                break
            } catch let error as StoreError {
                #expect(error.code == .unavailable, "\(error) \(error.reason)")
                guard begin.duration(to: .now) < Self.limit else {
                    Issue.record("the store did not come back: \(error)")
                    return
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test func theStoreComesBackWithTheServerHoweverThatEnded() async throws {
        let server = try await PostgresServer()
        let files = try await PostgresFixture(server: server, settings: Self.long)
        try await files.makeStore()
        let store = try await files.open()
        // Several connections, which all die.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<30 { group.addTask { try await store.append([Self.entry]) } }
            try await group.waitForAll()
        }
        for signal in [SIGINT, SIGQUIT] {
            let isOver = Box(false)
            let written = Box(0)
            let writers = (0..<6).map { _ in
                Task {
                    while !isOver.value {
                        do {
                            try await store.append([Self.entry])
                            written.withLock { $0 += 1 }
                        } catch let error as StoreError {
                            #expect(error.code == .unavailable, "\(error) \(error.reason)")
                            try await Task.sleep(for: .milliseconds(20))
                        }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            try await server.stop(signal)
            let error = await #expect(throws: StoreError.self) { try await store.returnURLs() }
            #expect(error?.code == .unavailable)
            try await server.start()
            try await self.expectRecovery(of: store)
            let before = written.value
            #expect(try await eventually { written.value > before })
            isOver.withLock { $0 = true }
            for writer in writers { try await writer.value }
        }
    }

    @Test func aServerThatStandsStillKeepsNobodyBeyondTheDeadline() async throws {
        let server = try await PostgresServer()
        let files = try await PostgresFixture(server: server, settings: Self.short)
        try await files.makeStore()
        let store = try await files.open()
        try server.setStopped(true)
        let begin = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let error = await #expect(throws: StoreError.self) { try await store.append([Self.entry]) }
                    #expect(error?.code == .unavailable)
                }
            }
        }
        // One deadline, and not one for each of them.
        #expect(begin.duration(to: .now) < Self.limit)
        try server.setStopped(false)
        try await self.expectRecovery(of: store)
    }

    @Test func aServerThatBecameAStandbyIsLeftForTheNextPrimary() async throws {
        let server = try await PostgresServer()
        let files = try await PostgresFixture(server: server, settings: Self.long)
        try await files.makeStore()
        let store = try await files.open()
        try await store.append([Self.entry])
        try await server.sql("ALTER SYSTEM SET default_transaction_read_only = on")
        try await server.sql("SELECT pg_reload_conf()")
        // The server tells the connections that it has before it takes another one.
        let setting = "SHOW default_transaction_read_only"
        #expect(try await eventually { try await server.sql(setting).hasPrefix("on") })
        let error = await #expect(throws: StoreError.self) { try await store.append([Self.entry]) }
        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("standby") == true)
        try await server.sql(
            "SET default_transaction_read_only = off; ALTER ROLE vault SET default_transaction_read_only = off"
        )
        // New connections may write; those from before still may not.
        try await store.append([Self.entry])
        #expect(try await self.entries(files) == 2)
    }

    @Test func whoIsCancelledWhileItWaitsForAConnectionWaitsNoLonger() async throws {
        let server = try await PostgresServer()
        let files = try await PostgresFixture(
            server: server,
            settings: Self.long.merging(["TOKEN_VAULT_POSTGRES_CONNECTIONS": "1"]) { $1 }
        )
        try await files.makeStore()
        let store = try await files.open()
        try server.setStopped(true)
        let first = Task { try await store.returnURLs() }
        try await Task.sleep(for: .milliseconds(100))
        let second = Task { try await store.returnURLs() }
        try await Task.sleep(for: .milliseconds(100))
        let begin = ContinuousClock.now
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        // The deadline would come in a minute.
        #expect(begin.duration(to: .now) < Self.limit)
        try server.setStopped(false)
        #expect(try await first.value.isEmpty)
    }
}
