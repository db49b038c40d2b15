import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// A store that moves from one database to another whose server ends the connection on the way.
struct MovingTests {
    private let (source, target): (PostgresFixture, PostgresFixture)

    init() async throws {
        self.source = try await PostgresFixture()
        self.target = try await PostgresFixture()
        try await self.source.makeStore()
        _ = try await self.source.open().createService("a", provider: "b")
    }

    private func move(after: @escaping @Sendable (StoreMover.Step) async throws -> Void = { _ in }) async throws
        -> StoreMover.Report
    {
        try await StoreMover(
            from: (PostgresDeparture(Self.address(self.source)), "there"),
            to: (PostgresArrival(Self.address(self.target)), "here"),
            after: after
        ).move()
    }

    /// By a name that the server knows its connections by.
    private static func address(_ files: PostgresFixture, options: String = "") throws -> PostgresAddress {
        try files.address("\(files.server.address)&application_name=\(files.schema)\(options)")
    }

    private static func terminate(_ files: PostgresFixture) async throws {
        try await files.server.sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '\(files.schema)'"
        )
    }

    private func serves(_ files: PostgresFixture) async -> Bool { (try? await files.open()) != nil }

    @Test(arguments: [StoreMover.Step.began, .inserted(table: "store"), .inserted(table: "service"), .completed])
    func aMoveThatLostItsSourceLeavesTheStoreThere(step: StoreMover.Step) async throws {
        await self.expectFailure(after: step, terminating: self.source)
        #expect(await self.serves(self.source))
        #expect(await !self.serves(self.target))
        #expect(try await !self.move().isResumed)
        try await self.expectArrival()
    }

    @Test(arguments: [StoreMover.Step.began, .inserted(table: "store"), .inserted(table: "webhook_said")])
    func aMoveThatLostItsTargetLeavesTheStoreWhereItWas(step: StoreMover.Step) async throws {
        await self.expectFailure(after: step, terminating: self.target)
        #expect(await self.serves(self.source))
        #expect(await !self.serves(self.target))
        #expect(try await !self.move().isResumed)
        try await self.expectArrival()
    }

    @Test(arguments: [StoreMover.Step.completed, .departed])
    func aTargetThatIsLostWhenEverythingIsThereIsReachedByTheNextRun(step: StoreMover.Step) async throws {
        await self.expectFailure(after: step, terminating: self.target)
        #expect(await !self.serves(self.source))
        #expect(await !self.serves(self.target))
        #expect(try await self.move().isResumed)
        try await self.expectArrival()
    }

    private func expectFailure(after step: StoreMover.Step, terminating files: PostgresFixture) async {
        await #expect(throws: StoreError.self) {
            _ = try await self.move { if $0 == step { try await Self.terminate(files) } }
        }
    }

    private func expectArrival() async throws {
        #expect(await !self.serves(self.source))
        #expect(try await self.target.open().services().count == 1)
    }

    @Test func aSessionNeverGoesOnWithAnotherConnection() async throws {
        for _ in 0..<20 {
            let session = try PostgresSession(Self.address(self.source))
            try await session.beginCopying(in: self.source.schema)
            try await session.execute("UPDATE service SET display_name = 'lost'")
            try await Self.terminate(self.source)
            for _ in 0..<3 {
                await #expect(throws: StoreError.self) {
                    try await session.execute("UPDATE service SET display_name = 'outside'")
                }
            }
            await #expect(throws: StoreError.self) { try await session.commit() }
        }
        #expect(try await self.source.sql("SELECT display_name FROM service").trimmingCharacters(in: .newlines) == "")
    }

    @Test func nothingIsRunOutsideOfATransaction() async throws {
        let session = try PostgresSession(self.source.address())
        await #expect(throws: StoreError.self) { try await session.execute("SELECT 1") }
        await #expect(throws: StoreError.self) { try await session.commit() }
        try await session.beginCopying(in: self.source.schema)
        await #expect(throws: StoreError.self) { try await session.begin() }
        await #expect(throws: StoreError.self) { try await session.execute("SELECT 1/0") }
        // There is nothing left to commit.
        await #expect(throws: StoreError.self) { try await session.commit() }
        try await session.rollback()
        try await session.beginCopying(in: self.source.schema)
        await #expect(throws: StoreError.self) {
            try await session.writeOneRow("UPDATE store SET incoming = NULL WHERE move_id = 'none'")
        }
        try await session.rollback()
    }

    @Test(arguments: ["off", "local", "remote_write", "remote_apply"])
    func whatIsCommittedIsDurableWhateverTheDatabaseSays(setting: String) async throws {
        let session = try PostgresSession(
            Self.address(self.source, options: "&options=-csynchronous_commit%3D\(setting)")
        )
        try await session.beginCopying(in: self.source.schema)
        let rows = try await session.execute("SELECT current_setting('synchronous_commit') AS value")
        let value: String? = try rows.first?["value"]
        #expect(value == (setting == "remote_apply" ? setting : "on"))
        try await session.rollback()
    }
}
