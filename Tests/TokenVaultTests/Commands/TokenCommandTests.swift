import Foundation
import ProgramSupport
import TestSupport
import Testing
import VaultCore
import VaultSQLite
import VaultTestSupport

@testable import TokenVault

struct TokenCommandTests {
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
    }

    private func importToken(_ input: String, _ options: String...) async throws -> [String] {
        try await self.files.run(["token", "import", "dropbox", "sample"] + options, input: input)
    }

    private func complaint(_ input: String, _ options: String...) async -> String {
        do {
            _ = try await self.files.run(["token", "import", "dropbox", "sample"] + options, input: input)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    private func storedAccessToken() async throws -> String? {
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        return try await store.token(service: "dropbox", name: "sample")?.credential.map {
            try sealer.keys.openAccessToken(of: $0)
        }
    }

    @Test func tokensAreImportedListedAndDeleted() async throws {
        #expect(
            try await self.importToken("secret-1\n")
                == ["Imported the access token of dropbox/sample, version 2, no expiry known."]
        )
        #expect(try await self.storedAccessToken() == "secret-1")
        #expect(
            try await self.importToken("secret-2\r\n", "--expires-on", "2999-01-31T12:00:00Z")
                == ["Imported the access token of dropbox/sample, version 3, expires 2999-01-31T12:00:00Z."]
        )
        #expect(try await self.storedAccessToken() == "secret-2")
        #expect(
            try await self.files.run("token", "list") == [
                "TOKEN           STATE  ACCOUNT  EXPIRES               NEXT RENEWAL",
                "dropbox/sample  Ok              2999-01-31T12:00:00Z  never: it came without a refresh token",
            ]
        )
        #expect(
            try await self.files.run("token", "delete", "dropbox", "sample") == [
                "Deleted the token dropbox/sample.",
                "The access that was given for it is not ended, since nobody knows to which client it was given: its owner can do that at the provider.",
            ]
        )
        await #expect(throws: CommandRefusal.self) { try await self.files.run("token", "delete", "dropbox", "sample") }
        #expect(
            try await self.files.run("token", "list")
                == ["There are no tokens; `token-vault token import` makes one."]
        )
    }

    @Test func aTokenIsMadeForALoginAndKeptWhereItIs() async throws {
        let create = ["token", "create", "dropbox", "sample"]
        #expect(try await self.files.run(create) == ["Made the token dropbox/sample."])
        #expect(
            try await self.files.run("token", "list").last
                == "dropbox/sample  Unauthenticated                    none before a login"
        )
        _ = try await self.importToken("secret-1\n")
        #expect(try await self.files.run(create) == ["There is a token already: dropbox/sample."])
        #expect(try await self.storedAccessToken() == "secret-1")
        await #expect(throws: CommandRefusal.self) { try await self.files.run("token", "create", "none", "sample") }
    }

    @Test func secondsAreCountedFromNow() async throws {
        let before = Date()
        _ = try await self.importToken("secret", "--expires-in", "3600")
        let store = try await self.files.open()
        let expiresOn = try #require(try await store.token(service: "dropbox", name: "sample")?.credential?.expiresOn)
        #expect((3598...3700).contains(expiresOn.timeIntervalSince(before)))
    }

    @Test func aTimeInAnotherZoneIsUnderstood() async throws {
        let lines = try await self.importToken("secret", "--expires-on", "2999-01-31T12:00:00+02:00")
        #expect(lines.first?.hasSuffix("expires 2999-01-31T10:00:00Z.") == true)
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func emptyInputIsRefused(input: String) async {
        #expect(await self.complaint(input).hasPrefix("Standard input is empty"))
    }

    @Test(arguments: ["a b", "a\nb\n", "a\n\n", "\u{7f}", "tökën", "a\u{0}", "\ta"])
    func whatNoAccessTokenHoldsIsRefused(input: String) async throws {
        let complaint = await self.complaint(input)
        #expect(complaint.hasPrefix("Standard input holds a space"))
        #expect(try await self.storedAccessToken() == nil)
    }

    @Test func sixtyFourKiBAreTheMost() async throws {
        let longest = String(repeating: "x", count: 65536)
        #expect(await self.complaint(longest + "\n") == "none")
        #expect(try await self.storedAccessToken() == longest)
        #expect(await self.complaint(longest + "x").hasPrefix("Standard input is longer than 64 KiB"))
        #expect(await self.complaint(longest + longest).hasPrefix("Standard input is longer than 64 KiB"))
    }

    @Test(arguments: [
        (["--expires-in", "0"], "--expires-in is not a number of seconds"),
        (["--expires-in", "999999999999"], "--expires-in is not a number of seconds"),
        (["--expires-on", "tomorrow"], "--expires-on is not a time such as"),
        (["--expires-on", "2001-01-31T12:00:00Z"], "--expires-on has passed"),
        (["--expires-in", "1", "--expires-on", "2999-01-31T12:00:00Z"], "Give --expires-in or --expires-on"),
    ])
    func aBadExpiryIsRefused(options: [String], complaint: String) async {
        do {
            try await self.files.run(["token", "import", "dropbox", "sample"] + options, input: "secret")
            Issue.record("it was imported")
        } catch {
            #expect("\(error)".contains(complaint))
        }
    }

    @Test func theServiceMustExist() async {
        await #expect(
            throws: CommandRefusal(
                "There is no service google: make it with `token-vault service create google --provider NAME`."
            )
        ) {
            try await self.files.run("token", "import", "google", "sample", input: "secret")
        }
    }

    @Test func noFileOfTheStoreHoldsTheToken() async throws {
        let secret = "sl.u.THIS-IS-THE-SECRET-\(UUID())"
        // Held open, so that the write-ahead log is not folded into the database.
        let store = try await self.files.open()
        _ = try await self.importToken(secret)
        #expect(FileManager.default.fileExists(atPath: self.files.databasePath + "-wal"))
        #expect(FileManager.default.fileExists(atPath: self.files.databasePath + "-shm"))
        let bytes = try self.files.directory.contents()
        #expect(bytes.range(of: Data("dropbox".utf8)) != nil)
        #expect(bytes.range(of: Data(secret.utf8)) == nil)
        #expect(bytes.range(of: Data(secret.prefix(20).utf8)) == nil)
        #expect(bytes.range(of: Data(secret.utf8).base64EncodedData()) == nil)
        #expect(try await store.tokens().count == 1)
    }
}
