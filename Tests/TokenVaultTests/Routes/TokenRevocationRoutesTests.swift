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
@Suite(.timeLimit(.minutes(5)))
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

    /// Deletes the token, whose grant is to have that fate.
    private func delete(fate: String? = "ending") async throws {
        let reply = try await self.vault.send(.delete, Self.path, body: "")
        #expect(reply.status == 200)
        #expect(reply.body.isEmpty)
        #expect(try reply.headers[#require(HTTPField.Name("Token-Vault-Grant"))] == fate)
        #expect(try await self.vault.send(.get, Self.path, body: "").status == 404)
    }

    /// Whether the provider has heard so much, or does soon.
    private func isHeard(_ count: Int) async throws -> Bool {
        _ = try await eventually { self.heard.value.count >= count }
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

    @Test func aGrantThatAnotherStoreUsesIsNotEnded() async throws {
        let key = TokenKey(service: "repository", token: "sample")
        // As of a provider that takes a refresh token any number of times.
        let exported = try await self.vault.store.exportTokens(
            [key],
            repeats: false,
            rotating: [],
            sealer: self.vault.sealer
        ) { _ in AuditEntry(principal: .vault, action: .exportToken, outcome: .given) }
        #expect(exported.tokens.map(\.isMoved) == [false])
        try await self.delete(fate: "shared")
        await self.vault.revoker.finish()
        #expect(self.heard.value.isEmpty)
        #expect(try await self.details("deleteToken") == ["", "grants not ended: 1 shared"])
        #expect(self.vault.logs.lines.contains { $0.contains("another store may use it") })
    }

    @Test func aTokenGoesNowhereButToWhereItCameFrom() async throws {
        try await self.putService(id: "another-app", secret: "another-secret")
        try await self.delete(fate: "left")
        await self.vault.revoker.finish()
        #expect(self.heard.value.isEmpty)
        #expect(try await self.details("deleteToken") == ["", "grants not ended: 1 left"])
    }

    /// As by another vault on the same store.
    @Test(arguments: [RenewalLease.Phase.armed, .answered])
    func aGrantThatIsBeingRenewedIsLeft(phase: RenewalLease.Phase) async throws {
        let key = TokenKey(service: "repository", token: "sample")
        let _: Bool? = try await self.vault.store.changeRenewal(of: key, sealer: self.vault.sealer) { row in
            row.lease.phase = phase
            return (result: true, writes: [])
        }
        try await self.delete(fate: "left")
        await self.vault.revoker.finish()
        #expect(self.heard.value.isEmpty)
    }

    @Test func aTokenThatNobodyLoggedInForHasNoGrant() async throws {
        _ = try await self.vault.store.deleteToken(service: "repository", name: "sample")
        #expect(try await self.vault.send(.put, Self.path, body: "{}").status == 201)
        try await self.delete(fate: nil)
        #expect(try await self.details("deleteToken") == [""])
    }

    /// More than are at the provider at a time.
    @Test func aServiceTakesTheGrantsOfItsTokensAlong() async throws {
        let service = try #require(try await self.vault.store.service("repository"))
        for index in 0..<9 {
            _ = try await self.vault.store.saveCredential(
                Credential(
                    accessToken: "access \(index)",
                    refreshToken: "refresh \(index)",
                    configurationHash: index == 8 ? "another" : service.configurationHash
                ),
                service: "repository",
                token: "token-\(index)",
                sealer: self.vault.sealer
            )
        }
        let reply = try await self.vault.send(.delete, "/services/repository", body: "")
        #expect(reply.status == 200)
        #expect(try reply.headers[#require(HTTPField.Name("Token-Vault-Grant"))] == "ending=9, left=1")
        #expect(try await self.isHeard(9))
        await self.vault.revoker.finish()
        let told = Set(self.heard.value.compactMap { $0["token"] })
        #expect(told == Set((0..<8).map { "refresh \($0)" } + ["the-refresh-token"]))
        #expect(try await self.vault.store.service("repository") == nil)
        #expect(try await self.details("deleteService") == ["", "grants not ended: 1 left"])
        #expect(try await self.vault.send(.delete, "/services/repository", body: "").status == 404)
    }

    /// What the audit says beside the action, in the order of its entries.
    private func details(_ action: String) async throws -> [String] {
        var details: [String] = []
        try await self.vault.store.readAudit(before: nil) { if $0.action == action { details.append($0.detail) } }
        return details
    }
}
