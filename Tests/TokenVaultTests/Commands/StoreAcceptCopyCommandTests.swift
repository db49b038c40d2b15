import Foundation
import ProgramSupport
import TestSupport
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

@Suite(.timeLimit(.minutes(5)))
struct StoreAcceptCopyCommandTests {
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run(
            ["service", "set", "github", "--provider", "github", "--client-id", "id"]
                + ["--return-url", "https://a.example/"],
            input: "secret"
        )
        let store = try await self.files.open()
        _ = try await store.saveCredential(
            Credential(accessToken: "access", expiresOn: Date().addingTimeInterval(3600), refreshToken: "refresh"),
            service: "github",
            token: "sample",
            sealer: store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        )
        try await store.mark()
    }

    private func problem() async throws -> TokenProblem? {
        try await self.files.open().token(service: "github", name: "sample")?.problem
    }

    @Test func whatIsSetAsideAndUsedAgainIsInTheAudit() async throws {
        try FileManager.default.removeItem(atPath: StoreMarker.path(ofStore: self.files.databasePath))
        let settings = try StoreSettings(environment: self.files.environment)
        let unsealed = try await UnsealedStore(
            settings,
            source: settings.keySource(environment: self.files.environment, transport: nil)
        )
        let live = try LivenessFile(databasePath: self.files.databasePath)
        let store = try await unsealed.store.chainingAudit(sealer: unsealed.sealer, live: live)
        let catalog = try ProviderSettings.catalog(environment: self.files.environment)
        try await CopiedStore(store: store, catalog: catalog).settle(logger: LogCapture().logger)
        #expect(try await self.problem() == .restored)
        let lines = try await self.files.run("store", "accept-copy")
        #expect(lines == ["The refresh tokens of 1 tokens are used again."])
        #expect(try await self.problem() == nil)
        let audit = try await self.files.run("audit", "list").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        let found = audit.filter { ["setGrantsAside", "acceptCopy"].contains($0[3]) }
        #expect(found.map { $0[2] }.first == "vault")
        #expect(found.map { $0[7] } == ["1 set aside", "1 used again"])
        try await self.files.run("audit", "verify")
    }
}
