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
struct ExportCommandTests {
    private static let passphrase = "correct horse battery staple"
    private let source: StoreFixture
    private let target: StoreFixture

    /// Two stores with the same services: GitHub's refresh tokens are used once, Google's any number of times.
    init() async throws {
        self.source = try StoreFixture()
        self.target = try StoreFixture()
        for files in [self.source, self.target] {
            try await files.makeStore()
            for provider in ["github", "google"] {
                try await files.run(
                    ["service", "set", provider, "--provider", provider, "--client-id", "id"]
                        + ["--return-url", "https://a.example/"],
                    input: "secret"
                )
            }
        }
        for provider in ["github", "google"] { try await self.save(provider) }
        try await self.source.run("token", "create", "google", "empty")
    }

    private func save(_ service: String) async throws {
        let store = try await self.source.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.source.keyEncryptionKey())
        let hash = try await store.service(service)?.configurationHash ?? ""
        _ = try await store.saveCredential(
            Credential(
                accessToken: "access of \(service)",
                expiresOn: Date().addingTimeInterval(3600),
                refreshToken: "refresh of \(service)",
                configurationHash: hash
            ),
            service: service,
            token: "sample",
            sealer: sealer
        )
    }

    private var file: String { self.source.directory.file("archive") }

    private func problem(_ service: String, in files: StoreFixture) async throws -> TokenProblem? {
        try await files.open().token(service: service, name: "sample")?.problem
    }

    private func credential(_ service: String, in files: StoreFixture) async throws -> Credential? {
        let store = try await files.open()
        let sealer = try await store.sealer(keyEncryptionKey: files.keyEncryptionKey())
        return try await store.token(service: service, name: "sample")?.credential.map { try sealer.keys.open($0) }
    }

    @Test func aTokenThatIsMovedLivesInOneStoreOnly() async throws {
        let lines = try await self.source.run(["export", self.file, "--all"], input: Self.passphrase + "\n")
        #expect(lines.first == "Wrote 2 tokens to \(self.file).")
        #expect(lines.contains { $0.contains("moved") && $0.contains("github/sample") && !$0.contains("google") })
        #expect(lines.last?.contains("google/empty") == true)
        #expect(try TemporaryDirectory.mode(of: self.file) == 0o600)
        #expect(try await self.problem("github", in: self.source) == .exported)
        #expect(try await self.problem("google", in: self.source) == nil)
        try await self.target.run(["import", self.file], input: Self.passphrase)
        for service in ["github", "google"] {
            #expect(try await self.credential(service, in: self.target)?.refreshToken == "refresh of \(service)")
            #expect(try await self.problem(service, in: self.target) == nil)
        }
        #expect(try await self.source.run("audit", "list").filter { $0.contains("exportToken") }.count == 2)
        #expect(try await self.target.run("audit", "list").filter { $0.contains("importToken") }.count == 2)
        #expect(try await self.source.run("token", "list").contains { $0.contains("Exported") })
    }

    @Test func aGrantThatTwoStoresUseIsMarkedInBoth() async throws {
        let lines = try await self.source.run(["export", self.file, "--all"], input: Self.passphrase)
        #expect(lines.contains { $0.contains("google/sample") && $0.contains("its owner can end that") })
        try await self.target.run(["import", self.file], input: Self.passphrase)
        for files in [self.source, self.target] {
            let store = try await files.open()
            #expect(try await store.token(service: "google", name: "sample")?.isShared == true)
            #expect(try await store.token(service: "github", name: "sample")?.isShared == false)
        }
        let audit = try await self.source.run("audit", "list").filter { $0.contains("exportToken") }
        #expect(audit.map { $0.contains("\tshared\t") } == audit.map { $0.contains("\tgoogle\t") })
    }

    @Test func aTokenMovesBackWhereItCameFrom() async throws {
        try await self.source.run(["export", self.file, "--service", "github"], input: Self.passphrase)
        try await self.source.run(["import", self.file], input: Self.passphrase)
        #expect(try await self.problem("github", in: self.source) == nil)
        await #expect(throws: CommandRefusal.self) {
            try await self.source.run(["import", self.file], input: Self.passphrase)
        }
    }

    @Test func anExportThatComesToNothingEndsNothing() async throws {
        let nowhere = self.source.directory.file("nowhere/archive")
        await #expect(throws: (any Error).self) {
            try await self.source.run(["export", nowhere, "--all"], input: Self.passphrase)
        }
        #expect(try await self.problem("github", in: self.source) == nil)
        let taken = try self.source.directory.write("mine", to: "taken")
        await #expect(throws: ConfigurationError.self) {
            try await self.source.run(["export", taken, "--all"], input: Self.passphrase)
        }
        #expect(try String(contentsOfFile: taken, encoding: .utf8) == "mine")
        #expect(try await self.problem("github", in: self.source) == nil)
    }

    @Test func aBackupFromBeforeAnExportBringsNoMovedTokenBack() async throws {
        try await self.source.open().mark()
        let backup = self.source.directory.file("backup")
        try await self.source.run("backup", backup)
        try await self.source.run(["export", self.file, "--all"], input: Self.passphrase)
        try await self.source.run("restore", backup)
        #expect(try await self.problem("github", in: self.source) == .restored)
        #expect(try await self.problem("google", in: self.source) == nil)
    }

    @Test func aSecondExportThatComesToNothingBringsNoMovedTokenBack() async throws {
        try await self.source.run(["export", self.file, "--all"], input: Self.passphrase)
        let nowhere = self.source.directory.file("nowhere/archive")
        for tokens in [["--all"], ["--service", "github"], ["--service", "github", "--token", "sample"]] {
            await #expect(throws: (any Error).self) {
                try await self.source.run(["export", nowhere] + tokens, input: Self.passphrase)
            }
            #expect(try await self.problem("github", in: self.source) == .exported, "\(tokens)")
        }
        #expect(
            try await self.source.run("audit", "list").contains { $0.contains("exportToken") && $0.contains("failed") }
        )
        let lines = try await self.source.run(["export", self.file + "2", "--all"], input: Self.passphrase)
        #expect(lines.last?.contains("github/sample") == true)
        try await self.target.run(["import", self.file + "2"], input: Self.passphrase)
        #expect(try await self.credential("github", in: self.target) == nil)
    }

    /// As after a kill between the store and the file: the token is nowhere else.
    @Test func aTokenOfAnExportThatWasInterruptedIsExportedAgain() async throws {
        let store = try await self.source.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.source.keyEncryptionKey())
        let live = try LivenessFile(databasePath: self.source.databasePath)
        let chained = try await store.chainingAudit(sealer: sealer, live: live)
        let moved = try await chained.exportTokens(nil, rotating: ["github"], sealer: sealer) {
            .command(.exportToken, service: $0.service, token: $0.name, outcome: .given)
        }
        #expect(moved.ended.count == 1)
        #expect(try await self.source.run("audit", "list").filter { $0.contains("exportToken") }.count == 2)
        let advice = try await self.source.run("token", "show", "github", "sample").joined(separator: "\n")
        #expect(advice.contains("`token-vault export FILE --service github --token sample`"))
        let export = ["export", self.file, "--service", "github", "--token", "sample"]
        #expect(try await self.source.run(export, input: Self.passphrase).contains { $0.contains("were moved") })
        try await self.source.run(["import", self.file], input: Self.passphrase)
        #expect(try await self.problem("github", in: self.source) == nil)
        #expect(try await self.credential("github", in: self.source)?.refreshToken == "refresh of github")
    }

    @Test func aTokenThatIsBeingRenewedIsNotMoved() async throws {
        let store = try await self.source.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.source.keyEncryptionKey())
        let key = TokenKey(service: "github", token: "sample")
        let _: Bool? = try await store.changeRenewal(of: key, sealer: sealer) { row in
            row.lease.phase = .armed
            return (result: true, writes: [])
        }
        await #expect(throws: UnavailableError.self) {
            try await self.source.run(["export", self.file, "--all"], input: Self.passphrase)
        }
        #expect(!FileManager.default.fileExists(atPath: self.file))
    }

    @Test(arguments: [
        "service set github --provider github --client-id other --return-url https://a.example/",
        "service delete github",
    ])
    func aStoreThatDoesNotFitTakesNothingIn(change: String) async throws {
        try await self.source.run(["export", self.file, "--all"], input: Self.passphrase)
        try await self.target.run(change.split(separator: " ").map(String.init), input: "secret")
        await #expect(throws: CommandRefusal.self) {
            try await self.target.run(["import", self.file], input: Self.passphrase)
        }
        #expect(try await self.credential("google", in: self.target) == nil)
    }

    @Test func theWrongPassphraseAndOtherFilesAreRefused() async throws {
        try await self.source.run(["export", self.file, "--all"], input: Self.passphrase)
        await #expect(throws: CommandRefusal.self) {
            try await self.target.run(["import", self.file], input: "another passphrase")
        }
        let other = try self.source.directory.write("{}", to: "other")
        await #expect(throws: ConfigurationError.self) {
            try await self.target.run(["import", other], input: Self.passphrase)
        }
        for passphrase in ["", "short", String(repeating: "x", count: 2000)] {
            await #expect(throws: UsageError.self) {
                try await self.source.run(["export", self.file + "2", "--all"], input: passphrase)
            }
        }
        for options in [[], ["--all", "--service", "github"], ["--token", "sample"]] {
            await #expect(throws: UsageError.self) {
                try await self.source.run(["export", self.file + "2"] + options, input: Self.passphrase)
            }
        }
    }
}
