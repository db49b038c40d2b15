import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// What vaults make of a store as they start, alone and together.
@Suite(.timeLimit(.minutes(5)))
struct StoreSettlingTests {
    private typealias Settled = (origin: StoreOrigin, setAside: Int)

    private static let tokens = (0..<5).map { TokenKey(service: "dropbox", token: "token-\($0)") }
    private let fixture: SQLiteRenewalFixture

    init() async throws {
        self.fixture = try await SQLiteRenewalFixture()
        let store = try await self.fixture.files.open()
        try await self.fixture.put(Self.tokens, in: store, expiresIn: 60)
        let first = try await Self.settle(store)
        #expect(first.origin == .unmarked)
        #expect(first.setAside == 0)
        #expect(try await Self.settle(store).origin == .same)
        try store.pool.close()
    }

    private static func settle(_ store: SQLiteStore) async throws -> Settled {
        try await store.settle(rotating: ["dropbox"]) { count in
            AuditEntry(principal: .vault, action: .setGrantsAside, outcome: .allowed, detail: "\(count)")
        }
    }

    private func copy(_ name: String) throws -> String {
        let directory = self.fixture.files.directory
        try FileManager.default.copyItem(atPath: directory.file("data"), toPath: directory.file(name))
        return directory.file("\(name)/vault.sqlite")
    }

    /// Each has connections of its own, as in a process of its own.
    @Test func ofTwoThatStartTogetherOnACopyOneJudges() async throws {
        for round in 0..<40 {
            let path = try self.copy("copy-\(round)")
            let stores = [try await SQLiteStore.open(at: path), try await SQLiteStore.open(at: path)]
            let ends = try await withThrowingTaskGroup(of: Settled.self) { group in
                for store in stores { group.addTask { try await Self.settle(store) } }
                return try await group.reduce(into: [Settled]()) { $0.append($1) }
            }
            let copies = ends.filter { $0.origin == .copy(reason: "it is a copy of the file") }
            #expect(copies.map(\.setAside) == [Self.tokens.count], "round \(round): \(ends)")
            #expect(ends.count { $0.origin == .same && $0.setAside == 0 } == 1, "round \(round): \(ends)")
            // The file and the database have one name, and whoever comes next finds nothing to do.
            #expect(try await Self.settle(SQLiteStore.open(at: path)).origin == .same, "round \(round)")
            let asides = try await stores[0].read { try Int.fetchOne($0, sql: "SELECT set_asides FROM store") }
            #expect(asides == 1, "round \(round)")
            var entries = 0
            try await stores[0].readAudit(before: nil) { if $0.action == "setGrantsAside" { entries += 1 } }
            #expect(entries == 1, "round \(round)")
            let back = try await stores[1].takeGrantsBack { count in
                AuditEntry(principal: .vault, action: .acceptCopy, outcome: .allowed, detail: "\(count)")
            }
            #expect(back == Self.tokens.count, "round \(round)")
            for store in stores { try store.pool.close() }
        }
    }

    /// Whoever accepts a copy marks it too.
    @Test func aMarkThatIsMadeMeanwhileCrossesNoOther() async throws {
        for round in 0..<20 {
            let path = try self.copy("marked-\(round)")
            let stores = [try await SQLiteStore.open(at: path), try await SQLiteStore.open(at: path)]
            async let settled = Self.settle(stores[0])
            async let marked: Void = stores[1].mark()
            _ = try await (settled, marked)
            #expect(try await SQLiteStore.open(at: path).origin() == .same, "round \(round)")
            for store in stores { try store.pool.close() }
        }
    }

    /// The name leaves room for the marker's, and none for what is written first and takes its place then.
    @Test func aMarkThatCannotBeWrittenSetsNothingAside() async throws {
        let path = self.fixture.files.directory.file("full/\(String(repeating: "v", count: 230))")
        let copy = try self.copy("full")
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: copy + suffix) {
            try FileManager.default.moveItem(atPath: copy + suffix, toPath: path + suffix)
        }
        #expect(try StoreMarker.read(ofStore: path) == nil)
        let store = try await SQLiteStore.open(at: path)
        let error = await #expect(throws: StoreError.self) { try await Self.settle(store) }
        #expect(error?.code == .unavailable)
        for token in Self.tokens {
            let stored = try #require(try await store.token(service: token.service, name: token.token))
            #expect(stored.problem == nil)
            #expect(!stored.isShared)
        }
        #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT set_asides FROM store") } == 0)
        var actions: [String] = []
        try await store.readAudit(before: nil) { actions.append($0.action) }
        #expect(!actions.contains("setGrantsAside"))
        #expect(try StoreMarker.read(ofStore: path) == nil)
        // It is judged when the next one starts.
        #expect(try await SQLiteStore.open(at: path).origin() != .same)
    }
}
