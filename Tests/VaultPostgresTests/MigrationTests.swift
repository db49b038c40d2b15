import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

struct MigrationTests {
    @Test(arguments: [false, true])
    func vaultsThatStartAtOnceMakeTheTablesOnce(isPooled: Bool) async throws {
        let files = try await PostgresFixture(isPooled: isPooled)
        let address = try files.address()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    _ = try await PostgresStore.openOrCreate(address, stateDirectory: files.stateDirectory("\(number)"))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await files.sql("SELECT count(*), max(version) FROM migration") == "2|2\n")
    }

    @Test func aStoreOfANewerVersionIsRefused() async throws {
        let files = try await PostgresFixture()
        try await files.makeStore()
        try await files.sql("INSERT INTO migration VALUES (99, 0)")
        let error = await #expect(throws: StoreError.self) { try await files.open() }
        #expect(error?.code == .unusable)
        #expect(error?.description.contains("newer token-vault") == true)
    }

    @Test func whereThereIsNoStoreASentenceSaysWhatToDo() async throws {
        let files = try await PostgresFixture()
        for isMade in [false, true] {
            if isMade {
                _ = try await PostgresStore.openOrCreate(files.address(), stateDirectory: files.stateDirectory())
            }
            let error = await #expect(throws: StoreError.self) { try await files.open() }
            #expect(error?.code == .unusable)
            #expect(error?.description.contains("token-vault store create") == true)
        }
    }

    @Test func aStoreThatHasMovedOrIsOnItsWayIsNotUsed() async throws {
        let files = try await PostgresFixture()
        try await files.makeStore()
        for column in ["moved_to", "incoming"] {
            try await files.sql("UPDATE store SET \(column) = '/elsewhere'")
            let error = await #expect(throws: StoreError.self) { try await files.open() }
            #expect(error?.code == .unusable)
            #expect(error?.description.hasPrefix("The store test ") == true)
            #expect(error?.description.contains("/elsewhere") == true)
            let again = await #expect(throws: StoreError.self) {
                try await PostgresStore.openOrCreate(files.address(), stateDirectory: files.stateDirectory())
            }
            #expect(again == error)
            try await files.sql("UPDATE store SET \(column) = NULL")
        }
        _ = try await files.open()
    }
}
