import ArgumentParser
import Foundation
import GRDB
import ProgramSupport
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct KeyRewrapCommandTests {
    private let files: StoreFixture
    private let keyVault = FakeKeyVault()

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try await self.files.run("token", "import", "dropbox", "sample", input: "the-secret")
    }

    private var nextKey: String { self.files.directory.file("keys/next.key") }

    /// A command with other settings, and a Key Vault to ask.
    @discardableResult
    private func run(_ arguments: [String], with changes: [String: String?] = [:]) async throws -> [String] {
        let output = Box<[String]>([])
        var environment = self.files.environment.merging(FakeKeyVault.identity) { $1 }
        for (name, value) in changes { environment[name] = value }
        let context = CommandContext(
            environment: environment,
            readInput: { _ in Data() },
            write: { line in output.withLock { $0.append(line) } },
            transport: self.keyVault.transport
        )
        let command = try #require(try TokenVaultCommand.parseAsRoot(arguments) as? any VaultCommand)
        try await command.runExplainingErrors(in: context)
        return output.value
    }

    private func complaint(_ arguments: [String], with changes: [String: String?] = [:]) async -> any Error {
        do {
            try await self.run(arguments, with: changes)
            return CommandRefusal("nothing was wrong")
        } catch {
            return error
        }
    }

    private static let inKeyVault: [String: String?] = [
        "TOKEN_VAULT_KEY_FILE": nil, "TOKEN_VAULT_KEY_VAULT_KEY": FakeKeyVault.address,
    ]

    @Test func toAnotherFileAndAgain() async throws {
        let rewrap = ["key", "rewrap", "--key-file", self.nextKey, "--create-key"]
        let lines = try await self.run(rewrap)
        #expect(lines.first?.hasPrefix("Wrapped all data keys (1) with the key file \(self.nextKey)") == true)
        #expect(lines.last?.contains("TOKEN_VAULT_KEY_FILE=\(self.nextKey)") == true)
        #expect("\(await self.complaint(["key", "rotate"]))".hasPrefix("The key file does not fit the store"))
        // As after an interruption: nothing is to be done any more.
        #expect(try await self.run(rewrap).first?.contains("already") == true)
        try await self.run(["key", "rotate"], with: ["TOKEN_VAULT_KEY_FILE": self.nextKey])
        #expect(try await self.run(["audit", "list"]).contains { $0.contains("rewrapKey") })
    }

    @Test(arguments: [
        [], ["--create-key"], ["--key-vault-key", FakeKeyVault.address, "--create-key"],
        ["--key-vault-key", FakeKeyVault.address, "--key-file", "/x"],
    ])
    func whatDoesNotNameOneKeyIsRefused(options: [String]) async {
        #expect(await self.complaint(["key", "rewrap"] + options) is UsageError)
    }

    @Test(arguments: [
        "http://name.vault.azure.net/keys/k", "https://name.vault.azure.net.evil.example/keys/k",
        "https://vault.azure.net/keys/k", "https://name.vault.azure.net/secrets/k",
        "https://name.vault.azure.net/keys/",
        "https://name.vault.azure.net/keys/k/v/x", "https://name.vault.azure.net/keys/k?x",
        "https://u@n.vault.azure.net/keys/k",
        "https://name.vault.azure.net/keys/../k", "https://name.vault.azure.net/keys/k%2f", "x", "",
        "https://evil.example/keys/k", "http://169.254.169.254/keys/k",
    ])
    func anAddressThatIsNoKeyIsSentNothing(address: String) async throws {
        let error = await self.complaint(["key", "rewrap", "--key-vault-key", address])
        #expect(error is ConfigurationError, "\(error)")
        #expect(self.keyVault.requests.value.isEmpty)
    }

    @Test func toAKeyVaultAndBack() async throws {
        let lines = try await self.run(["key", "rewrap", "--key-vault-key", FakeKeyVault.address])
        #expect(lines.last?.contains("TOKEN_VAULT_KEY_VAULT_KEY=\(FakeKeyVault.address)") == true)
        // The key file opens nothing any more, and says where the key is.
        let wrong = "\(await self.complaint(["key", "rotate"]))"
        #expect(wrong.contains("set TOKEN_VAULT_KEY_VAULT_KEY to \(FakeKeyVault.address),"))
        let store = try await self.files.open()
        await #expect(throws: SealerError.wrongKey) {
            try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        }
        try await self.run(["key", "rotate"], with: Self.inKeyVault)
        // What the key wraps is in no file in the clear.
        let wrapped = try #require(try await store.record()?.wrapping)
        #expect(wrapped.keyID == "\(FakeKeyVault.address)/\(FakeKeyVault.version)")
        #expect(wrapped.wrapped.count == 256)
        try await self.run(["key", "rewrap", "--key-file", self.nextKey, "--create-key"], with: Self.inKeyVault)
        #expect(try await store.record()?.wrapping == nil)
        let inFile = "\(await self.complaint(["key", "rotate"], with: Self.inKeyVault))"
        #expect(inFile.hasPrefix("The store's key lies in a file"))
        let key = try KeyFile(path: self.nextKey, databasePath: self.files.databasePath).read()
        let sealer = try await store.sealer(keyEncryptionKey: key)
        let sealed = try #require(try await store.token(service: "dropbox", name: "sample")?.credential)
        #expect(try await sealer.openAccessToken(of: sealed) == "the-secret")
    }

    @Test(arguments: [
        (status: 401, isForNow: false, says: "may not"), (403, false, "Crypto Service Encryption User"),
        (404, false, "There is no key"), (400, false, "enabled RSA key"), (429, true, "just now"),
        (500, true, "just now"),
        (503, true, "just now"), (302, true, "just now"),
    ])
    func aRefusalOfAKeyVaultIsSaidAndChangesNothing(status: Int, isForNow: Bool, says: String) async throws {
        try await self.run(["key", "rewrap", "--key-vault-key", FakeKeyVault.address])
        self.keyVault.fault.withLock { $0 = { $0.url.path.hasSuffix("key") ? FakeKeyVault.status(status) : nil } }
        for command in [["key", "rotate"], ["key", "rewrap", "--key-vault-key", FakeKeyVault.address]] {
            let error = await self.complaint(command, with: Self.inKeyVault)
            #expect(error is UnavailableError == isForNow, "\(error)")
            #expect(error is ConfigurationError == !isForNow, "\(error)")
            #expect("\(error)".contains(says), "\(error)")
            #expect(!"\(error)".contains(FakeKeyVault.token))
        }
        self.keyVault.fault.withLock { $0 = nil }
        try await self.run(["key", "rotate"], with: Self.inKeyVault)
    }

    @Test func aKeyVaultThatCannotBeReachedIsTriedAgainLater() async throws {
        try await self.run(["key", "rewrap", "--key-vault-key", FakeKeyVault.address])
        self.keyVault.fault.withLock {
            $0 = {
                guard $0.url.path.hasSuffix("key") else { return nil }
                throw TransportError(.timeout, "it took too long")
            }
        }
        #expect(await self.complaint(["key", "rotate"], with: Self.inKeyVault) is UnavailableError)
        // No identity yet, as while a machine starts.
        self.keyVault.fault.withLock { $0 = { $0.url.path == "/msi/token" ? FakeKeyVault.status(400) : nil } }
        let error = await self.complaint(["key", "rotate"], with: Self.inKeyVault)
        #expect(error is UnavailableError)
        #expect("\(error)".hasPrefix("There is no access token for https://vault.azure.net"))
    }

    @Test(arguments: [
        "{}", "no json", #"{"kid":"https://evil.example/keys/k/v","value":"AAAA"}"#, #"{"kid":1,"value":2}"#,
    ])
    func anAnswerThatIsNoneChangesNothing(body: String) async throws {
        self.keyVault.fault.withLock {
            $0 = {
                guard $0.url.path.hasSuffix("key") else { return nil }
                return TransportResponse(status: 200, headers: [], body: Data(body.utf8))
            }
        }
        let error = await self.complaint(["key", "rewrap", "--key-vault-key", FakeKeyVault.address])
        #expect(error is UnavailableError, "\(error)")
        try await self.files.run("key", "rotate")
    }

    /// Who writes the database cannot choose who is sent an access token.
    @Test(arguments: ["https://evil.example/keys/wrapper/v", "https://other.vault.azure.net/keys/wrapper/v", "x"])
    func aKeyThatWasPutIntoTheDatabaseIsNotAsked(keyID: String) async throws {
        try await self.run(["key", "rewrap", "--key-vault-key", FakeKeyVault.address])
        try await self.files.open().pool.write {
            try $0.execute(sql: "UPDATE store SET wrapping_key = ?", arguments: [keyID])
        }
        self.keyVault.requests.withLock { $0 = [] }
        #expect(await self.complaint(["key", "rotate"], with: Self.inKeyVault) is ConfigurationError)
        #expect(self.keyVault.requests.value.isEmpty)
    }

    @Test func twoSettingsAreOneTooMany() async {
        let error = await self.complaint(["key", "rotate"], with: ["TOKEN_VAULT_KEY_VAULT_KEY": FakeKeyVault.address])
        #expect("\(error)".contains("are both set"))
    }
}
