import ArgumentParser
import Foundation
import GRDB
import ProgramSupport
import TestSupport
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct KeyCommandTests {
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try await self.files.run("token", "import", "dropbox", "sample", input: "the-secret")
    }

    private struct Key: Decodable {
        let id: String
        let values: Int
        let seals: Int
        let isNewest: Bool
    }

    private func keys() async throws -> [Key] {
        let text = try await self.files.run("key", "list", "--json").joined()
        return try JSONDecoder().decode([Key].self, from: Data(text.utf8))
    }

    private func secret() async throws -> String? {
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        let sealed = try #require(try await store.token(service: "dropbox", name: "sample")?.credential)
        return try await sealer.openAccessToken(of: sealed)
    }

    @Test func rotateMakesANewKeyAndRemovesTheOldOne() async throws {
        let before = try await self.keys()
        // Two of the token, and the key of the audit.
        #expect(before.map(\.values) == [3])
        #expect(before.map(\.isNewest) == [true])
        let lines = try await self.files.run("key", "rotate")
        let after = try await self.keys()
        #expect(after.map(\.values) == [3])
        #expect(after.first?.id != before.first?.id)
        #expect(
            lines == [
                "Made the data key \(after[0].id).", "Sealed 3 rows with it.", "Removed the data key \(before[0].id).",
            ]
        )
        #expect(try await self.secret() == "the-secret")
        #expect(try await self.files.run("audit", "list").contains { $0.contains("rotateKey") })
    }

    /// The key of a rotation that was left may be what has leaked since.
    @Test func afterARotationThatWasLeftNoKeyOfBeforeIsThere() async throws {
        let (store, sealer) = try await self.files.openChained()
        let first = sealer.keys.currentKeyID
        let left = try await KeyRotation(store: store, sealer: sealer, journal: nil).begin()
        #expect(try await self.keys().count == 2)
        let list = try await self.files.run("key", "list")
        #expect(list[1].contains("token-vault key rotate"))
        #expect(list[2].hasSuffix("seals"))
        let lines = try await self.files.run("key", "rotate")
        let after = try await self.keys().map(\.id)
        #expect(after.count == 1)
        #expect(!after.contains(first) && !after.contains(left))
        #expect(Set(lines.dropFirst(2)) == ["Removed the data key \(first).", "Removed the data key \(left)."])
        #expect(try await self.secret() == "the-secret")
    }

    @Test func whatDoesNotOpenIsSaid() async throws {
        let store = try await self.files.open()
        try await store.pool.write { try $0.execute(sql: "UPDATE credential SET access_token = zeroblob(40)") }
        await #expect(throws: CommandRefusal.self) { try await self.files.run("key", "rotate") }
        let lines = self.files.output.value
        #expect(lines.contains { $0.contains("keep an older key: credential dropbox/sample.") })
        let kept = try await self.keys()
        #expect(kept.count == 2)
        // What is sealed next is sealed with a key of its own each time, and none of those stays.
        await #expect(throws: CommandRefusal.self) { try await self.files.run("key", "rotate") }
        #expect(try await self.keys().map(\.id).first == kept[0].id)
        #expect(try await self.keys().count == 2)
        #expect(try await self.keys().last?.id != kept[1].id)
    }

    @Test(arguments: ["0", "x", "3651", "-1"])
    func anAgeThatIsNoneIsRefused(days: String) throws {
        let environment = self.files.environment.merging(["TOKEN_VAULT_KEY_DAYS": days]) { $1 }
        #expect(throws: ConfigurationError.self) { try Settings(environment: environment) }
    }
}
