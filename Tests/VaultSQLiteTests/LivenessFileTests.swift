import Foundation
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

struct LivenessFileTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        self.directory = try TemporaryDirectory()
        self.path = self.directory.file("vault.sqlite")
    }

    @Test func whoeverRunsIsSeenAndWhoeverEndedIsNot() throws {
        let one = try LivenessFile(databasePath: self.path)
        var other: LivenessFile? = try LivenessFile(databasePath: self.path)
        let owner = try #require(other?.owner)
        #expect(one.owner != owner)
        #expect(one.isAlive(owner))
        #expect(one.isAlive(one.owner))
        #expect(other?.isAlive(one.owner) == true)
        other = nil
        #expect(!one.isAlive(owner))
    }

    @Test(arguments: ["", "x", "-1", "99999999999999999999"])
    func whatNamesNobodyIsNotAlive(owner: String) throws {
        #expect(try !LivenessFile(databasePath: self.path).isAlive(owner))
    }

    private func isUnavailable(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch {
            return (error as? StoreError)?.code == .unavailable
        }
    }

    @Test func nobodyComesInWhileABackupTakesThePlaceOfTheStore() throws {
        try withExtendedLifetime(LivenessFile(databasePath: self.path)) {
            #expect(self.isUnavailable { _ = try StoreExclusion(databasePath: self.path) })
        }
        let exclusion = try StoreExclusion(databasePath: self.path)
        try withExtendedLifetime(LivenessFile(databasePath: self.path)) {
            #expect(self.isUnavailable { try exclusion.excludeEverybody() })
        }
        #expect(self.isUnavailable { _ = try StoreExclusion(databasePath: self.path) })
        try exclusion.excludeEverybody()
        #expect(self.isUnavailable { _ = try LivenessFile(databasePath: self.path) })
        #expect(self.isUnavailable { _ = try StoreExclusion(databasePath: self.path) })
        exclusion.release()
        _ = try LivenessFile(databasePath: self.path)
        _ = try StoreExclusion(databasePath: self.path)
        withExtendedLifetime(exclusion) {}
    }

    @Test func theFileIsForItsOwnerAlone() throws {
        _ = try LivenessFile(databasePath: self.path)
        #expect(try TemporaryDirectory.mode(of: self.path + "-live") == 0o600)
    }
}
