import ArgumentParser
import Foundation
import GRDB
import ProgramSupport
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import TokenVault
@testable import VaultSQLite

struct CommandTests {
    private let files: StoreFixture

    init() throws {
        self.files = try StoreFixture()
    }

    private func complaint(_ arguments: String..., input: String = "") async -> String {
        await self.complaint(arguments, input: input)
    }

    private func complaint(_ arguments: [String], input: String = "") async -> String {
        do {
            try await self.files.run(arguments, input: input)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test func aStoreIsMadeOnce() async throws {
        let create = ["store", "create", "--name", "test", "--create-key"]
        let first = try await self.files.run(create)
        #expect(
            first == [
                "Made the key file \(self.files.keyPath): keep a copy of it, apart from the database.",
                "Made the store test.",
            ]
        )
        #expect(try await self.files.run(create) == ["The store test is there already."])
        #expect(
            await self.complaint("store", "create", "--name", "other")
                .contains("holds the store test already: set TOKEN_VAULT_STORE to another one")
        )
    }

    @Test func aStoreWithoutAKeyIsNotMade() async {
        #expect(await self.complaint("store", "create", "--name", "test").hasPrefix("There is no key file"))
    }

    @Test func aLostKeyIsNotReplacedByANewOne() async throws {
        try await self.files.makeStore()
        try FileManager.default.removeItem(atPath: self.files.keyPath)
        let complaint = await self.complaint("store", "create", "--name", "test", "--create-key")
        #expect(complaint.contains("for an existing store restore the key"))
        #expect(!FileManager.default.fileExists(atPath: self.files.keyPath))
    }

    @Test func theWrongKeyStopsEveryCommandThatNeedsIt() async throws {
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try FileManager.default.removeItem(atPath: self.files.keyPath)
        #expect(try KeyFile(path: self.files.keyPath, databasePath: self.files.databasePath).create())
        let refusal = "The key file does not fit the store"
        #expect(await self.complaint("serve", "--check", "--tcp", "127.0.0.1:9000").hasPrefix(refusal))
        #expect(await self.complaint("store", "create", "--name", "test").hasPrefix(refusal))
        #expect(await self.complaint("token", "import", "dropbox", "sample", input: "secret").hasPrefix(refusal))
        #expect(try await self.files.open().tokens().isEmpty)
    }

    @Test(arguments: ["", ".", "..", "a b", "a/b", "ä", String(repeating: "a", count: 129)])
    func aBadNameIsRefused(name: String) async throws {
        try await self.files.makeStore()
        for arguments in [["store", "create", "--name", name], ["service", "create", name, "--provider", "p"]] {
            await #expect(throws: UsageError.self) { try await self.files.run(arguments) }
        }
    }

    @Test func aServiceIsMadeOnce() async throws {
        try await self.files.makeStore()
        let create = ["service", "create", "dropbox", "--provider", "dropbox"]
        #expect(try await self.files.run(create) == ["Made the service dropbox."])
        #expect(try await self.files.run(create) == ["The service dropbox is there already."])
        #expect(
            await self.complaint("service", "create", "dropbox", "--provider", "google")
                == "The service dropbox is there already, with the provider dropbox."
        )
    }

    @Test(arguments: [
        ("Get,Fly", "\"Fly\" is not a permission: use Get, List,"), (",", "--permissions is empty"),
    ])
    func aBadPermissionIsNamed(permissions: String, complaint: String) async throws {
        try await self.files.makeStore()
        let grant = [
            "policy", "grant", "--tenant", TestIssuer.tenantID, "--object", TestIssuer.objectID, "--permissions",
            permissions,
        ]
        let actual = await self.complaint(grant)
        #expect(actual.hasPrefix(complaint))
    }

    @Test(arguments: [
        ("foo", [], "--object foo is not an id: give the GUID that Entra shows"),
        ("", [], "--object  is not an id: give the GUID"), ("", ["--other-ids"], "--object is not an id"),
        ("a b", ["--other-ids"], "--object is not an id"),
        (String(repeating: "a", count: 129), ["--other-ids"], "--object is not an id"),
    ])
    func aBadIdIsNamed(id: String, options: [String], complaint: String) async throws {
        try await self.files.makeStore()
        let grant = ["policy", "grant", "--tenant", TestIssuer.tenantID, "--object", id, "--permissions", "Get"]
        let actual = await self.complaint(grant + options)
        #expect(actual.hasPrefix(complaint))
        #expect(try await self.files.open().policies(on: nil).isEmpty)
    }

    @Test func servicesAreListedAndDeletedWithTheirTokensOnlyWhenAskedTo() async throws {
        try await self.files.makeStore()
        #expect(
            try await self.files.run("service", "list")
                == ["There are no services; `token-vault service set` makes one."]
        )
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try await self.files.run("service", "create", "graph", "--provider", "aad")
        try await self.files.run("token", "import", "dropbox", "sample", input: "secret")
        #expect(
            try await self.files.run("service", "list")
                == [
                    "SERVICE  PROVIDER  TOKENS  SECRETS  CLIENT ID", "dropbox  dropbox   1       0",
                    "graph    aad       0       0",
                ]
        )
        #expect(
            await self.complaint("service", "delete", "dropbox")
                == "The service dropbox has 1 token: add --with-tokens to forget them too."
        )
        #expect(try await self.files.open().tokens().count == 1)
        #expect(
            try await self.files.run("service", "delete", "dropbox", "--with-tokens")
                == [
                    "Deleted the service dropbox and its tokens: 1.",
                    "The access that was given for 1 is not ended; the owners can do that at the provider:",
                    "  sample: nobody knows to which client it was given",
                ]
        )
        #expect(try await self.files.run("service", "delete", "graph") == ["Deleted the service graph."])
        #expect(await self.complaint("service", "delete", "graph").hasPrefix("There is no service graph:"))
        #expect(try await self.files.open().tokens().isEmpty)
    }

    @Test func aCheckWithoutAListenerSaysWhatWouldBeDone() async throws {
        try await self.files.makeStore()
        let text = try await self.files.run("serve", "--check").joined()
        let rows = [
            "listens on:       nothing yet: give --socket, --tcp or an inherited socket",
            "store:            \(self.files.databasePath), named test",
            "key:              \(self.files.keyPath), opens the store",
            "issuers:          https://sts.example.com/tenant-1", "audiences:        https://tokenvault.azure.net",
            "services:         0", "tokens:           0", "policies:         0: nobody may read",
        ]
        for row in rows {
            #expect(text.split(separator: "\n").contains { $0 == row })
        }
    }

    @Test func aCheckCountsWhoMayReadAndWhatHasExpired() async throws {
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try await self.files.run("token", "import", "dropbox", "sample", input: "secret")
        let grant = ["policy", "grant", "--tenant", TestIssuer.tenantID, "--object", TestIssuer.objectID]
        try await self.files.run(grant + ["--permissions", "Get"])
        let store = try await self.files.open()
        try await store.pool.write { try $0.execute(sql: "UPDATE credential SET expires_on = 1000") }
        let text = try await self.files.run("serve", "--check").joined()
        #expect(text.contains("tokens:           1 (1 expired)"))
        #expect(text.contains("policies:         1: 1 may read every token"))
    }

    @Test(arguments: [
        (["--socket", "/nowhere/at/all/vault.sock"], "Cannot open the directory /nowhere/at/all"),
        (["--socket", "DIRECTORY/s", "--socket-group", "no-such-group"], "There is no group named no-such-group"),
        (["--tcp", "192.0.2.1:9000"], "192.0.2.1 is not a loopback address"),
    ])
    func aCheckTriesTheAddressAsServingWould(options: [String], complaint: String) async throws {
        try await self.files.makeStore()
        let options = options.map { $0.replacingOccurrences(of: "DIRECTORY", with: self.files.directory.path) }
        let actual = await self.complaint(["serve", "--check"] + options)
        #expect(actual.contains(complaint))
    }

    @Test func aCheckLeavesNoSocketBehind() async throws {
        try await self.files.makeStore()
        let path = self.files.directory.file("vault.sock")
        let text = try await self.files.run("serve", "--check", "--socket", path).joined()
        #expect(text.contains("listens on:       unix socket \(path), mode 660"))
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
