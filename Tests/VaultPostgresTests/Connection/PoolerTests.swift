import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// What a pooler in transaction mode says and does, and a vault that does not know of it.
struct PoolerTests {
    private func error(_ address: PostgresAddress, _ files: PostgresFixture) async throws -> StoreError {
        try #require(
            await #expect(throws: StoreError.self) {
                try await PostgresStore.openOrCreate(address, stateDirectory: files.stateDirectory())
            }
        )
    }

    @Test func whatThePoolerRefusesHasToBeSetRight() async throws {
        let files = try await PostgresFixture(isPooled: true)
        let pooler = try await PgBouncer.shared()
        let text =
            "postgresql://vault@/vault?host=\(pooler.directory.path)&port=\(pooler.port)&options=-cwork_mem%3D1MB"
        let error = try await self.error(files.address(text), files)
        #expect(error.code == .unusable)
        #expect(error.description.contains("startup parameter"))
    }

    @Test func aPoolerWhoseServerIsGoneIsUnavailable() async throws {
        let server = try await PostgresServer()
        let pooler = try await PgBouncer(before: server, settings: ["server_login_retry = 1"])
        let files = try await PostgresFixture(server: server, isPooled: true)
        let address = try files.address(pooler.address, settings: ["TOKEN_VAULT_POSTGRES_DEADLINE": "3"])
        let store = try await PostgresStore.openOrCreate(address, stateDirectory: files.stateDirectory())
        try await server.stop()
        let begin = ContinuousClock.now
        let error = await #expect(throws: StoreError.self) { try await store.dataKeys() }
        #expect(error?.code == .unavailable, "\(String(describing: error))")
        // The pooler itself would have it wait for ten.
        #expect(begin.duration(to: .now) < .seconds(9))
        try await server.start()
        #expect(try await eventually(within: .seconds(30)) { (try? await store.dataKeys()) != nil })
    }

    @Test func aVaultThatDoesNotKnowOfThePoolerIsToldOfTheSetting() async throws {
        let files = try await PostgresFixture(isPooled: true)
        try await files.makeStore()
        let pooler = try await PgBouncer.shared()
        let address = try files.address(pooler.address, settings: ["TOKEN_VAULT_POSTGRES_POOLER": "none"])
        let errors = await withTaskGroup(of: StoreError?.self) { group in
            for number in 0..<8 {
                group.addTask {
                    do {
                        let store = try await PostgresStore.open(address, stateDirectory: files.stateDirectory())
                        for name in 0..<25 { _ = try await store.token(service: "s", name: "\(number) \(name)") }
                        return nil
                    } catch {
                        return error as? StoreError
                    }
                }
            }
            return await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
        }
        // It may go well by chance, and never says anything else.
        for error in errors {
            #expect(error.description.contains("TOKEN_VAULT_POSTGRES_POOLER=transaction"), "\(error) \(error.reason)")
        }
    }
}
