import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// A store that moves to another database, and is interrupted on the way.
struct StoreMoverTests {
    private struct Interruption: Error {}

    private let sample: SealedStoreSample
    private var source: String { self.sample.files.databasePath }
    private var target: String { self.sample.files.directory.file("next/vault.sqlite") }

    init() async throws {
        self.sample = try await SealedStoreSample()
        try await self.sample.store.mark()
        let chained = try await self.sample.files.openChained()
        let entry = AuditEntry(principal: .sample, action: .postToken, outcome: .given)
        try await chained.store.append([entry, entry, entry])
        _ = try await chained.store.putPolicy(
            AccessPolicy(name: "readers", resource: .store, principal: .sample, permissions: .getToken)
        )
    }

    private func move(
        from source: String? = nil,
        to target: String? = nil,
        interruptedAfter step: StoreMover.Step? = nil
    ) async throws -> StoreMover.Report {
        let (from, to) = (source ?? self.source, target ?? self.target)
        return try await StoreMover(
            from: (try await SQLiteDeparture(at: from), from),
            to: (try await SQLiteArrival(at: to), to)
        ) { if $0 == step { throw Interruption() } }.move()
    }

    private func rows(_ path: String) async throws -> [String: [[DatabaseValue]]] {
        let queue = try DatabaseQueue(path: path)
        return try await queue.read { db in
            var rows: [String: [[DatabaseValue]]] = [:]
            for table in StoreTable.all {
                let columns = table.columns.joined(separator: ", ")
                rows[table.name] = try Row.fetchAll(
                    db,
                    sql: "SELECT \(columns) FROM \(table.name) ORDER BY \(table.key.joined(separator: ", "))"
                ).map { Array($0.databaseValues) }
            }
            return rows
        }
    }

    private func serves(_ path: String) async -> Bool {
        (try? await SQLiteStore.open(at: path)) != nil
    }

    @Test func everyTableOfASchemaIsMovedOrKnownToStayBehind() async throws {
        let staying = ["audit_pruning", "padding", "grdb_migrations", "sqlite_sequence"]
        let stayingColumns = [
            "store": ["marker", "moved_to", "incoming", "move_id"], "audit_chain": ["owner"],
            "renewal": ["owner", "until_boot", "until_ms", "armed_boot", "armed_ms", "retry_boot", "retry_ms"],
        ]
        let columns = try await self.sample.store.read { db in
            var columns: [String: Set<String>] = [:]
            for name in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'") {
                columns[name] = Set(try db.columns(in: name).map(\.name))
            }
            return columns
        }
        for (name, columns) in columns where !staying.contains(name) {
            let table = try #require(StoreTable.all.first { $0.name == name }, "\(name)")
            #expect(columns == Set(table.columns + (stayingColumns[name] ?? [])), "\(name)")
        }
    }

    @Test func everythingThatIsSealedOpensWhereItIsThen() async throws {
        let before = try await self.rows(self.source)
        let report = try await self.move()
        #expect(!report.isResumed)
        #expect(report.rows["token"] == SealedStoreSample.tokens.count)
        #expect(report.rows.values.filter { $0 == 0 }.count < report.rows.count / 3)
        #expect(try await self.rows(self.target) == before)
        let store = try await SQLiteStore.open(at: self.target)
        let sealer = try await store.sealer(keyEncryptionKey: self.sample.files.keyEncryptionKey())
        #expect(try await store.verifyAudit(sealer: sealer).findings == [])
        #expect(try await self.sample.moved(store, sealer).complaints(with: sealer) == [])
        // The guards of the audit are back.
        await #expect(throws: DatabaseError.self) {
            try await store.pool.write { try $0.execute(sql: "DELETE FROM audit") }
        }
    }

    @Test(arguments: [
        StoreMover.Step.began, .inserted(table: "store"), .inserted(table: "credential"), .inserted(table: "audit"),
        .inserted(table: "webhook_said"), .completed, .departed, .arrived,
    ])
    func whoeverIsInterruptedHasOneStoreAndRunsItAgain(step: StoreMover.Step) async throws {
        let before = try await self.rows(self.source)
        await #expect(throws: Interruption.self) { _ = try await self.move(interruptedAfter: step) }
        let (old, new) = (await self.serves(self.source), await self.serves(self.target))
        switch step {
        case .began, .inserted, .completed: #expect(old && !new)
        // The next run makes it the one that is served.
        case .departed: #expect(!old && !new)
        case .arrived: #expect(!old && new)
        }
        #expect(try await self.move().isResumed == [.departed, .arrived].contains(step))
        #expect(await !self.serves(self.source))
        #expect(await self.serves(self.target))
        let after = try await self.rows(self.target)
        for table in StoreTable.all where table.name != "store" { #expect(after[table.name] == before[table.name]) }
        // And once more does nothing.
        #expect(try await self.move().isResumed)
        #expect(try await self.rows(self.target) == after)
    }

    @Test func whatChangedAfterAnInterruptionGoesAlong() async throws {
        await #expect(throws: Interruption.self) { _ = try await self.move(interruptedAfter: .completed) }
        try await self.sample.save("token-later")
        _ = try await self.move()
        let store = try await SQLiteStore.open(at: self.target)
        #expect(try await store.token(service: SealedStoreSample.service, name: "token-later") != nil)
    }

    @Test func whoOpensAStoreThatHasGoneIsToldWhere() async throws {
        _ = try await self.move()
        for open in [SQLiteStore.open, SQLiteStore.openOrCreate] {
            await #expect {
                _ = try await open(self.source, { .now })
            } throws: {
                ($0 as? StoreError)?.code == .unusable
                    && "\($0)".hasSuffix("to \(self.target): set TOKEN_VAULT_STORE to that.")
            }
        }
        let elsewhere = self.sample.files.directory.file("third/vault.sqlite")
        await #expect {
            _ = try await self.move(to: elsewhere)
        } throws: {
            "\($0)".hasSuffix("has moved to \(self.target), and is not in use here any more.")
        }
        #expect(await !self.serves(elsewhere))
    }

    @Test func aBackupFromBeforeIsAnOldOne() async throws {
        let backup = self.sample.files.directory.file("backup")
        try await self.sample.store.backUp(to: backup)
        _ = try await self.move()
        let restoration = try await StoreRestoration.prepare(backup, forStore: self.source) { .now }
        #expect(try await !restoration.isUpToDate())
        restoration.cancel()
    }

    @Test func aStoreThatIsServedStaysWhereItIs() async throws {
        let (store, live) = try await SQLiteStore.openLive(at: self.source)
        await #expect {
            _ = try await self.move()
        } throws: {
            ($0 as? StoreError)?.code == .unavailable
        }
        withExtendedLifetime((store, live)) {}
        #expect(await self.serves(self.source))
    }

    @Test func anotherStoreIsNotWrittenOver() async throws {
        let other = try SQLiteStoreFixture()
        try await other.makeStore()
        await #expect {
            _ = try await self.move(to: other.databasePath)
        } throws: {
            "\($0)" == "There is a store at \(other.databasePath) already: name an empty database."
        }
        #expect(await self.serves(self.source))
        #expect(await self.serves(other.databasePath))
    }

    @Test func aStoreThatHasNotArrivedYetIsNotWrittenOverByAnother() async throws {
        await #expect(throws: Interruption.self) { _ = try await self.move(interruptedAfter: .departed) }
        let before = try await self.rows(self.target)
        let other = try SQLiteStoreFixture()
        try await other.makeStore()
        await #expect {
            _ = try await self.move(from: other.databasePath)
        } throws: {
            ($0 as? StoreError)?.code == .unusable && "\($0)".contains("on its way from \(self.source)")
        }
        #expect(try await self.rows(self.target) == before)
        #expect(try await self.move().isResumed)
        #expect(await self.serves(self.target))
    }

    @Test func anotherStoreInTheSamePlaceIsNotTheOneThatWasOnItsWay() async throws {
        await #expect(throws: Interruption.self) { _ = try await self.move(interruptedAfter: .completed) }
        let queue = try DatabaseQueue(path: self.source)
        try await queue.write { try $0.execute(sql: "UPDATE store SET created_at = created_at + 1") }
        try queue.close()
        let error = await #expect(throws: StoreError.self) { _ = try await self.move() }
        #expect(error?.code == .unusable)
    }

    @Test func aStoreComesBackIntoAnEmptyDatabaseAlone() async throws {
        _ = try await self.move()
        await #expect {
            _ = try await self.move(from: self.target, to: self.source)
        } throws: {
            "\($0)".hasSuffix("name another file, or move that one away.")
        }
        let back = self.sample.files.directory.file("back/vault.sqlite")
        _ = try await self.move(from: self.target, to: back)
        #expect(await self.serves(back))
        #expect(await !self.serves(self.target))
    }

    @Test func aRenewalThatWasUnderWayCountsAsOneWhoseAnswerWasLost() async throws {
        let token = TokenKey(service: SealedStoreSample.service, token: "renewed")
        let credential = Credential(
            accessToken: "access",
            expiresOn: Date(timeIntervalSince1970: 2_000_000_000),
            refreshToken: "refresh"
        )
        _ = try await self.sample.store.saveCredential(
            credential,
            service: token.service,
            token: token.token,
            sealer: self.sample.sealer
        )
        let terms = RenewalTerms(rotation: .strict, deadline: .seconds(20), lease: .seconds(45), jitter: 1)
        func arm(_ store: SQLiteStore, at date: Date) async throws -> ArmDecision? {
            try await store.changeRenewal(of: token, sealer: self.sample.sealer) { row in
                let request = ArmRequest(
                    owner: "somebody",
                    now: LeaseTime(boot: "boot", milliseconds: 5000),
                    date: date,
                    isDue: true,
                    terms: terms,
                    isAlive: { _ in true }
                )
                let (decision, writes) = row.arm(request)
                return (result: decision, writes: writes)
            }
        }
        let living = Date(timeIntervalSince1970: 1_900_000_000)
        guard case .armed? = try await arm(self.sample.store, at: living) else {
            Issue.record("it was not armed")
            return
        }
        _ = try await self.move()
        let (opened, live) = try await SQLiteStore.openLive(at: self.target)
        let store = try await opened.chainingAudit(sealer: self.sample.sealer, live: live)
        // Nobody has the lease there, and the refresh token is not sent again while the access token lives.
        #expect(try await arm(store, at: living) == .uncertain)
        #expect(try await store.renewal(of: token)?.lease.lostAnswers == 1)
    }
}
