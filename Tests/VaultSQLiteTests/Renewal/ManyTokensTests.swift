import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// Thousands of tokens that come due in one moment: 2,000, and ten thousand in `make test-crash` (`DUE_TOKENS`).
@Suite(.timeLimit(.minutes(10)))
struct ManyTokensTests {
    private static let services = ["a", "b", "c", "d"]
    private static let limit = 6
    private static let count = ProcessInfo.processInfo.environment["DUE_TOKENS"].flatMap { Int($0) } ?? 2000

    private static func tokens(_ range: Range<Int>, _ prefix: String) -> [TokenKey] {
        range.map { TokenKey(service: Self.services[$0 % Self.services.count], token: "\(prefix)\($0)") }
    }

    @Test func eachServiceIsAskedSoManyTimesAtOnceAndNoReaderWaitsForTheLine() async throws {
        let fixture = try await SQLiteRenewalFixture()
        let store = try await fixture.files.open()
        // It is about who waits for whom, and not about the disk.
        try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
        let tokens = Self.tokens(0..<Self.count, "t")
        let readers = Self.tokens(0..<40, "reader")
        try await fixture.put(tokens, in: store, expiresIn: 30)
        let refresher = FakeRefresher { _, _ in
            await Task.yield()
            return nil
        }
        let vault = try await fixture.vault(of: store, refresher) {
            $0.maxCalls = Self.limit
            // On a busy machine one that is as short as a vault's may be over before its call, and is taken once more then.
            $0.lease = .seconds(600)
        }

        let begin = ContinuousClock.now
        let isDone = Box(false)
        let sweeps = Task {
            while !isDone.value { try await vault.sweep() }
        }
        while refresher.calls < Self.count / 10 { try await Task.sleep(for: .milliseconds(1)) }
        // These come in the midst of it, with tokens that are in no line yet.
        try await fixture.put(readers, in: store, expiresIn: -1)
        let before = refresher.calls
        try await withThrowingTaskGroup(of: RenewalEnd.self) { group in
            for reader in readers { group.addTask { try await vault.refresh(reader) } }
            for try await end in group { #expect(end == .current) }
        }
        // They did not take their place at its end.
        #expect(refresher.calls - before < 500)
        while refresher.calls < tokens.count + readers.count { try await Task.sleep(for: .milliseconds(20)) }
        isDone.withLock { $0 = true }
        try await sweeps.value

        let state = refresher.state.value
        #expect(state.calls == tokens.count + readers.count)
        #expect(state.callsOf.count == state.calls)
        for service in Self.services {
            #expect((2...Self.limit).contains(state.mostRunningOf[service] ?? 0), "\(service)")
        }
        let others = try await store.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM renewal WHERE phase <> 'idle' OR epoch <> 1").map(\.description)
        }
        #expect(others.isEmpty, "\(fixture.log.lines.prefix(9))")
        print("\(state.calls) tokens of \(Self.services.count) services were renewed in \(begin.duration(to: .now)).")
    }
}
