import Foundation
import HTTPTypes
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultCore
import VaultSQLite

@testable import TokenVault

/// What a provider hears when a token is deleted.
@Suite(.timeLimit(.minutes(2)))
struct TokenRevocationRoutesTests {
    private static let path = "/services/repository/tokens/sample"

    /// Which statuses the provider answers with, one after the other, and then 200.
    private let statuses = Box<[Int]>([])
    private let heard = Box<[FormFields]>([])
    private let vault: VaultFixture

    init() async throws {
        let issuer = try TestIssuer()
        let (statuses, heard) = (self.statuses, self.heard)
        self.vault = try await VaultFixture(permissions: "Get,CreateOrUpdate,Delete") { request in
            guard request.url.absoluteString == "https://gitlab.com/oauth/revoke" else {
                return try issuer.answer(request)
            }
            heard.withLock { $0.append(FormFields(String(decoding: request.body ?? Data(), as: UTF8.self))) }
            return TransportResponse(status: statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }, body: Data())
        }
        try await self.putService(secret: "first-secret")
        let service = try #require(try await self.vault.store.service("repository"))
        let credential = Credential(
            accessToken: "the-access-token",
            refreshToken: "the-refresh-token",
            configurationHash: service.configurationHash
        )
        _ = try await self.vault.store.saveCredential(
            credential,
            service: "repository",
            token: "sample",
            sealer: self.vault.sealer
        )
    }

    private func putService(id: String = "app-id", secret: String) async throws {
        let service = """
            {"authentication":{"managedIdentityProvider":{"name":"gitlab"},
             "parameters":{"clientid":"\(id)","clientsecret":"\(secret)"}}}
            """
        #expect(try await self.vault.send(.put, "/services/repository", body: service).status < 300)
    }

    private func delete() async throws {
        #expect(try await self.vault.send(.delete, Self.path, body: "").status == 200)
        #expect(try await self.vault.send(.get, Self.path, body: "").status == 404)
    }

    /// Whether the provider has heard so much, or does soon.
    private func isHeard(_ count: Int) async throws -> Bool {
        for _ in 0..<1_500 where self.heard.value.count < count { try await Task.sleep(for: .milliseconds(10)) }
        return self.heard.value.count == count
    }

    @Test func theProviderIsToldToEndTheGrant() async throws {
        try await self.delete()
        #expect(try await self.isHeard(1))
        #expect(self.heard.value.first?["token"] == "the-refresh-token")
        #expect(self.heard.value.first?["client_secret"] == "first-secret")
    }

    @Test func aProviderThatIsBusyIsAskedAgain() async throws {
        self.statuses.withLock { $0 = [503] }
        try await self.delete()
        #expect(try await self.isHeard(2))
        await self.vault.revoker.finish()
        #expect(self.heard.value.count == 2)
    }

    @Test func anotherSecretIsTriedWhereOneIsRefused() async throws {
        try await self.putService(secret: "second-secret")
        self.statuses.withLock { $0 = [401] }
        try await self.delete()
        #expect(try await self.isHeard(2))
        #expect(Set(self.heard.value.map { $0["client_secret"] }) == ["first-secret", "second-secret"])
    }

    @Test func aTokenIsDeletedWhateverTheProviderSays() async throws {
        self.statuses.withLock { $0 = [400] }
        try await self.delete()
        #expect(try await self.isHeard(1))
        await self.vault.revoker.finish()
        #expect(self.heard.value.count == 1)
    }

    @Test func aTokenGoesNowhereButToWhereItCameFrom() async throws {
        try await self.putService(id: "another-app", secret: "another-secret")
        try await self.delete()
        await self.vault.revoker.finish()
        #expect(self.heard.value.isEmpty)
    }
}
