import ArgumentParser
import Foundation
import GRDB
import Logging
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// Whoever opens a store is seen by `restore` before it is opened, so that no backup takes its place meanwhile.
@Suite(.timeLimit(.minutes(5)))
struct StoreInUseTests {
    private let files: StoreFixture
    private let keyVault = FakeKeyVault()
    private let issuer: TestIssuer

    /// A store whose key is asked of a Key Vault after it was opened: that is when it is looked at.
    init() async throws {
        self.files = try StoreFixture()
        self.issuer = try TestIssuer()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try await self.run(["key", "rewrap", "--key-vault-key", FakeKeyVault.address], in: self.files.environment)
    }

    private var environment: [String: String] {
        var environment = self.files.environment
        environment["TOKEN_VAULT_KEY_FILE"] = nil
        environment["TOKEN_VAULT_KEY_VAULT_KEY"] = FakeKeyVault.address
        return environment
    }

    private func run(_ arguments: [String], in environment: [String: String], input: String = "") async throws {
        let command = try #require(try TokenVaultCommand.parseAsRoot(arguments) as? any VaultCommand)
        try await command.runExplainingErrors(in: self.context(environment, input: input))
    }

    private func context(_ environment: [String: String], input: String = "") -> CommandContext {
        CommandContext(
            environment: environment.merging(FakeKeyVault.identity) { $1 },
            readInput: { Data(input.utf8).prefix($0.limit + 1) },
            write: { _ in },
            transport: self.keyVault.transport
        )
    }

    /// Whether a restoration would be refused.
    private static func isInUse(_ path: String) throws -> Bool {
        do {
            _ = try StoreExclusion(databasePath: path)
            return false
        } catch let error as StoreError where error.code == .unavailable {
            return true
        }
    }

    /// Whether somebody was seen each time when the Key Vault was asked for the store's key.
    private func watch() -> Box<[Bool]> {
        let seen = Box<[Bool]>([])
        let path = self.files.databasePath
        self.keyVault.fault.withLock {
            $0 = { request in
                guard request.url.path.hasSuffix("/unwrapkey") else { return nil }
                let isSeen = try Self.isInUse(path)
                seen.withLock { $0.append(isSeen) }
                return nil
            }
        }
        return seen
    }

    @Test(arguments: [
        ["audit", "prune", "--older-than", "1"], ["key", "rotate"], ["token", "import", "dropbox", "sample"],
        ["service", "set", "dropbox", "--client-id", "id"], ["key", "rewrap", "--key-file", "KEY", "--create-key"],
        ["backup", "BACKUP"],
    ])
    func aCommandThatWritesIsSeen(arguments: [String]) async throws {
        let seen = self.watch()
        let paths = ["KEY": self.files.directory.file("keys/next.key"), "BACKUP": self.files.directory.file("backup")]
        try await self.run(arguments.map { paths[$0] ?? $0 }, in: self.environment, input: "secret")
        #expect(!seen.value.isEmpty)
        #expect(!seen.value.contains(false))
        #expect(try !Self.isInUse(self.files.databasePath))
    }

    @Test func aDoctorIsSeen() async throws {
        let seen = self.watch()
        let findings = await Doctor(
            environment: self.environment.merging(FakeKeyVault.identity) { $1 },
            transport: self.keyVault.transport,
            timeout: .seconds(5),
            now: { Date() }
        ).findings()
        #expect(findings.contains { $0.about == "store" && $0.state == .works })
        #expect(seen.value == [true])
        #expect(try !Self.isInUse(self.files.databasePath))
    }

    @Test func whoeverMakesAStoreIsSeen() async throws {
        let other = self.files.directory.file("other/vault.sqlite")
        let store = try await SQLiteStore.openOrCreate(at: other)
        #expect(try Self.isInUse(other))
        withExtendedLifetime(store) {}
    }

    @Test func aCommandThatOpensNothingSealedIsSeenToo() async throws {
        let store = try await self.context(self.environment).openStore()
        #expect(try Self.isInUse(self.files.databasePath))
        #expect(try await store.services().count == 1)
    }

    @Test func aVaultThatStartsIsSeen() async throws {
        let seen = self.watch()
        let settings = try Settings(environment: self.environment)
        let transport = FakeTransport { [issuer = self.issuer] in try issuer.answer($0) }
        let vault = try await App.build(
            settings: settings,
            keySource: self.context(self.environment).keySource(),
            transport: transport,
            providerTransport: transport,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        #expect(seen.value == [true])
        await vault.audit.finish()
    }

    /// No file is left beside a store that is not there.
    @Test func aStoreThatIsNotThereIsSaid() async throws {
        var environment = self.files.environment
        environment["TOKEN_VAULT_STORE"] = self.files.directory.file("other/vault.sqlite")
        await #expect {
            _ = try await self.context(environment).openStore()
        } throws: { error in
            (error as? StoreError)?.description.hasPrefix("There is no store at") == true
        }
        #expect(!FileManager.default.fileExists(atPath: self.files.directory.file("other")))
    }
}
