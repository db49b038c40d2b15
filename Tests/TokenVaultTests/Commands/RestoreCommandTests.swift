import ArgumentParser
import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct RestoreCommandTests {
    private let files: StoreFixture
    private var backup: String { self.files.directory.file("backup") }

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "github", "--provider", "github")
        do {
            let store = try await self.files.open()
            let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
            _ = try await store.saveCredential(
                Credential(accessToken: "access", refreshToken: "refresh"),
                service: "github",
                token: "sample",
                sealer: sealer
            )
        }
        try await self.files.run("backup", self.backup)
    }

    /// The secret of the messages may be for the vault alone, so the address is enough to keep one for it.
    @Test(arguments: [("https://example.com/hooks", 1), ("", 0)])
    func whoeverWaitsForMessagesIsToldWhichTokensNeedALogin(url: String, count: Int) async throws {
        let context = CommandContext(
            environment: self.files.environment.merging(["TOKEN_VAULT_WEBHOOK_URL": url]) { $1 },
            readInput: { _ in Data() },
            write: { _ in }
        )
        let command = try #require(try TokenVaultCommand.parseAsRoot(["restore", self.backup]) as? any VaultCommand)
        try await command.runExplainingErrors(in: context)
        let store = try await self.files.open()
        #expect(try await store.token(service: "github", name: "sample")?.problem == .restored)
        let messages = try await store.takeWebhooks(limit: 10).map { String(decoding: $0.body, as: UTF8.self) }
        #expect(messages.count == count)
        #expect(messages.allSatisfy { $0.contains(#""reason":"Restored""#) })
    }

    private static let principal = ["--tenant", TestIssuer.tenantID, "--object", TestIssuer.objectID]

    /// What is done to the store before the backup that is put back, and after it.
    private func makeDifferences() async throws -> String {
        let backup = self.files.directory.file("backup-2")
        try await self.files.run(["policy", "grant", "--permissions", "GetToken,ListToken"] + Self.principal)
        try await self.files.run("service", "create", "before", "--provider", "google")
        try await self.files.run("token", "create", "before", "old")
        try await self.files.run("backup", backup)
        try await self.files.run(["policy", "revoke"] + Self.principal)
        try await self.files.run(
            ["policy", "grant", "--permissions", "GetToken", "--service", "github"] + Self.principal
        )
        try await self.files.run("service", "delete", "before", "--with-tokens")
        try await self.files.run("service", "create", "since", "--provider", "google")
        for token in 0..<22 { try await self.files.run("token", "create", "since", "new-\(token)") }
        return backup
    }

    @Test func whatWasTakenAwaySinceAndIsAllowedAgainIsSaidFirst() async throws {
        let backup = try await self.makeDifferences()
        let lines = try await self.files.run("restore", backup)
        let who = "tenant \(TestIssuer.tenantID) object \(TestIssuer.objectID)"
        #expect(lines.first?.hasPrefix("1 policy is back that was taken away since the backup was made; ") == true)
        #expect(lines.dropFirst().first == "  \(who) may ListToken,GetToken on the store")
        #expect(lines.dropFirst(2).first?.hasPrefix("Put \(backup) in the place of the store") == true)
        let text = lines.joined(separator: "\n")
        for part in [
            "1 service is back that was deleted since:\n  before\n",
            "1 token is back that was deleted since:\n  before/old\n",
            "1 policy is gone that was made since:\n  \(who) may GetToken on service github\n",
            "1 service is gone that was made since:\n  since\n",
            "22 tokens are gone that were made since:\n  since/new-0\n  since/new-1\n", "\n  and 2 more\n",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(lines.last?.contains("client secrets are those of the backup") == true)
        // The store that was there is as it was, in one file.
        let data = self.files.directory.file("data")
        let kept = try FileManager.default.contentsOfDirectory(atPath: data).filter { $0.contains("-replaced-") }
        #expect(kept.count == 1, "\(kept)")
        // Put back at once, nothing has changed.
        try await self.files.run("backup", "--replace", backup)
        let again = try await self.files.run("restore", backup)
        #expect(again.contains("It has the services, tokens and policies of the store that was there."))
        #expect(again.first?.hasPrefix("Put ") == true)
    }

    @Test func aScriptGetsAllThatDiffers() async throws {
        let backup = try await self.makeDifferences()
        let line = try #require(try await self.files.run("restore", backup, "--json").first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let difference = try #require(object["difference"] as? [String: Any])
        #expect(object["notCompared"] == nil)
        let back = try #require(difference["policiesBack"] as? [[String: Any]])
        #expect(back.map { $0["objectId"] as? String } == [TestIssuer.objectID])
        #expect(back.first?["permissions"] as? [String] == ["ListToken", "GetToken"])
        #expect(back.first?["service"] == nil)
        #expect((difference["policiesGone"] as? [[String: Any]])?.first?["service"] as? String == "github")
        #expect(difference["servicesBack"] as? [String] == ["before"])
        #expect(difference["servicesGone"] as? [String] == ["since"])
        #expect(difference["tokensBack"] as? [[String: String]] == [["service": "before", "name": "old"]])
        #expect((difference["tokensGone"] as? [Any])?.count == 22)
        for secret in ["access", "refresh"] { #expect(!line.contains("\"\(secret)\"")) }
    }

    @Test func aStoreThatDoesNotOpenIsReplacedAllTheSame() async throws {
        try Data(
            "no database, and that for longer than a header of one is: \(String(repeating: "x", count: 4096))".utf8
        )
        .write(to: URL(fileURLWithPath: self.files.databasePath))
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: self.files.databasePath + suffix) }
        let lines = try await self.files.run("restore", self.backup)
        #expect(
            lines.contains { $0.hasPrefix("The store that was there could not be compared: The store cannot be used") }
        )
        #expect(try await self.files.open().token(service: "github", name: "sample") != nil)
    }

    /// What no version writes, and a damaged disk may give.
    @Test(
        arguments: [
            "UPDATE service SET name = NULL", "UPDATE token SET name = NULL", "UPDATE token SET name = X'FF'",
            "UPDATE access_policy SET resource = NULL", "UPDATE access_policy SET object_id = X'FF'",
            "UPDATE access_policy SET permissions = NULL", "DROP TABLE access_policy",
        ]
    )
    func aStoreThatHoldsWhatNoStoreDoesIsReplacedAllTheSame(damage: String) async throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: self.files.databasePath + suffix)
        }
        do {
            let queue = try DatabaseQueue(path: self.files.databasePath)
            try await queue.write { db in
                try db.execute(
                    sql: """
                        CREATE TABLE service (id INTEGER PRIMARY KEY, name TEXT);
                        CREATE TABLE token (service_id INTEGER, name TEXT);
                        CREATE TABLE access_policy (resource TEXT, tenant_id TEXT, object_id TEXT, permissions TEXT);
                        INSERT INTO service VALUES (1, 'github');
                        INSERT INTO token VALUES (1, 'sample');
                        INSERT INTO access_policy VALUES ('services/github', 'tenant', 'object', 'GetToken');
                        \(damage);
                        """
                )
            }
            try queue.close()
        }
        let lines = try await self.files.run("restore", self.backup)
        let start = "The store that was there could not be compared: The store cannot be used: "
        #expect(lines.contains { $0.hasPrefix(start) }, "\(lines)")
        #expect(try await self.files.open().token(service: "github", name: "sample") != nil)
    }
}
