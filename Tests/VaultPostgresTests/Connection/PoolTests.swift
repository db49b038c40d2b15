import Foundation
import Testing
import VaultCore

@testable import VaultPostgres

struct PoolTests {
    /// The server's process at the other end of each connection that answered.
    private func process(_ database: PostgresDatabase) async throws -> Int64? {
        try await database.query { try $0.value("SELECT pg_backend_pid()::bigint AS value") }
    }

    @Test func whoAsksOneThingAfterTheOtherNeedsOneConnection() async throws {
        let server = try await PostgresServer.shared()
        for _ in 0..<5 {
            let name = "pool-" + UUID().uuidString.lowercased()
            let address = try PostgresAddress(server.address + "&application_name=\(name)", environment: [:])
            let database = try PostgresDatabase(address)
            var processes: Set<Int64> = []
            for _ in 0..<100 { processes.insert(try #require(try await self.process(database))) }
            #expect(processes.count == 1)
            // Nor is there another one that nobody was given.
            let count: Int? = try await database.query { db in
                try db.value("SELECT count(*) AS value FROM pg_stat_activity WHERE application_name = $1", [name])
            }
            #expect(count == 1)
        }
    }

    @Test func manyAtOnceHaveSeveral() async throws {
        let database = try PostgresDatabase(
            PostgresAddress(try await PostgresServer.shared().address, environment: [:])
        )
        let processes = try await withThrowingTaskGroup(of: Int64?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await database.query { try $0.value("SELECT pg_backend_pid()::bigint AS value, pg_sleep(0.2)") }
                }
            }
            return try await group.reduce(into: Set<Int64?>()) { $0.insert($1) }
        }
        #expect(processes.count > 1)
    }
}
