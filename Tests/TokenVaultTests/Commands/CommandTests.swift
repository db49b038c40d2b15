import ArgumentParser
import Foundation
import ProgramSupport
import Testing
import VaultCore
import VaultSQLite

@testable import TokenVault

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
            return (error as? ConfigurationError)?.description ?? "\(error)"
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
                .contains("holds the store test already: set TOKEN_VAULT_STORE to another path")
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
            await #expect(throws: ConfigurationError.self) { try await self.files.run(arguments) }
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

    @Test func policiesAreGrantedListedAndRevoked() async throws {
        try await self.files.makeStore()
        let none = ["There are no policies; `token-vault policy grant` makes one."]
        #expect(try await self.files.run("policy", "list") == none)
        let principal = ["--tenant", "TENANT", "--object", "object"]
        let grant = ["policy", "grant"] + principal + ["--permissions"]
        #expect(
            try await self.files.run(grant + ["Get, list"])
                == ["Granted; tenant tenant object object may ListService,GetService,ListToken,GetToken."]
        )
        #expect(
            try await self.files.run(grant + ["DeleteToken"])
                == ["Granted; tenant tenant object object may ListService,GetService,ListToken,GetToken,DeleteToken."]
        )
        #expect(
            try await self.files.run("policy", "list")
                == ["tenant tenant object object may ListService,GetService,ListToken,GetToken,DeleteToken"]
        )
        let revoke = ["policy", "revoke"] + principal
        #expect(try await self.files.run(revoke) == ["Revoked; tenant tenant object object has no permission."])
        #expect(try await self.files.run(revoke) == ["There was no policy for tenant tenant object object."])
        #expect(try await self.files.run("policy", "list") == none)
    }

    @Test(arguments: [
        ("Get,Fly", "\"Fly\" is not a permission: use Get, List,"), (",", "--permissions is empty"),
    ])
    func aBadPermissionIsNamed(permissions: String, complaint: String) async throws {
        try await self.files.makeStore()
        let grant = ["policy", "grant", "--tenant", "t", "--object", "o", "--permissions", permissions]
        let actual = await self.complaint(grant)
        #expect(actual.hasPrefix(complaint))
    }

    @Test(arguments: ["", "a b", String(repeating: "a", count: 129)])
    func aBadIdIsNamed(id: String) async throws {
        try await self.files.makeStore()
        let actual = await self.complaint("policy", "revoke", "--tenant", "t", "--object", id)
        #expect(actual == "--object is not an id: give the GUID that Entra shows.")
    }

    @Test func aCheckSaysWhatWouldBeDone() async throws {
        try await self.files.makeStore()
        let lines = try await self.files.run("serve", "--check", "--tcp", "127.0.0.1:9000")
        #expect(lines.count == 1)
        #expect(
            lines.first == """
                The store \(self.files.databasePath) and its key are good; would accept tokens of \
                https://sts.example.com/tenant-1 for https://tokenvault.azure.net, on 127.0.0.1:9000.
                """
        )
    }
}
