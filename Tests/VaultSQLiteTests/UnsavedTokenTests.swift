import Foundation
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// Tokens that were made for a login: they make room for others, and none goes while somebody logs in for it.
struct UnsavedTokenTests {
    private let files: SQLiteStoreFixture
    private let clock = ManualClock()
    private let store: SQLiteStore
    private let sealer: CredentialSealer

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
        let clock = self.clock
        var store: SQLiteStore
        (store, self.sealer) = try await self.files.openChained(now: { clock.date })
        store.quotas = StoreQuotas(tokens: 2)
        self.store = store
        _ = try await self.store.createService("dropbox", provider: "dropbox")
    }

    private func put(_ name: String, lifetime: TimeInterval? = 600) async throws {
        _ = try await self.store.putToken(
            service: "dropbox",
            name: name,
            displayName: nil,
            returnURLs: nil,
            unsavedUntil: lifetime.map { self.clock.date + $0 }
        )
    }

    private func names() async throws -> [String] { try await self.store.tokens().map(\.name) }

    @Test func whatNobodyLoggedInForMakesRoomForAnother() async throws {
        try await self.put("abandoned")
        try await self.put("kept", lifetime: nil)
        await #expect(throws: QuotaError.self) { try await self.put("one more") }
        self.clock.advance(by: .seconds(601))
        try await self.put("next")
        #expect(try await self.names() == ["kept", "next"])
        await #expect(throws: QuotaError.self) { try await self.put("one more") }
    }

    @Test func theSameTokenGetsAnotherTime() async throws {
        try await self.put("sample")
        try await self.put("kept", lifetime: nil)
        self.clock.advance(by: .seconds(601))
        try await self.put("sample")
        #expect(try await self.names() == ["kept", "sample"])
    }

    private func beginLogin(_ token: String) async throws -> Bool {
        try await self.store.addLogin(
            PendingLogin(
                stateHash: Data(UUID().uuidString.utf8),
                cookieHash: Data("cookie".utf8),
                service: "dropbox",
                token: token,
                returnURL: "https://app.example/",
                redirectURI: "https://vault.example/redirect",
                configurationHash: "hash",
                secrets: PendingLogin.Secrets(codeVerifier: "verifier"),
                expiresOn: self.clock.date + 600
            ),
            limits: LoginLimits(),
            sealer: self.sealer
        )
    }

    private func keepAnswer(of token: String) async throws -> Bool {
        try await self.store.addPendingCredential(
            PendingCredential(
                codeHash: Data(UUID().uuidString.utf8),
                service: "dropbox",
                token: token,
                credential: Credential(accessToken: "pending"),
                account: nil,
                expiresOn: self.clock.date + 600
            ),
            sealer: self.sealer
        )
    }

    @Test(arguments: [true, false])
    func whoIsAtTheProviderOrAboutToSaveKeepsTheToken(isSaving: Bool) async throws {
        try await self.put("begun", lifetime: 300)
        try await self.put("kept", lifetime: nil)
        self.clock.advance(by: .seconds(200))
        #expect(isSaving ? try await self.keepAnswer(of: "begun") : try await self.beginLogin("begun"))
        self.clock.advance(by: .seconds(200))
        // Its time is over, and its login is not.
        #expect(try await self.beginLogin("kept"))
        #expect(try await self.names() == ["begun", "kept"])
        self.clock.advance(by: .seconds(401))
        #expect(try await self.beginLogin("kept"))
        #expect(try await self.names() == ["kept"])
    }
}
