import Foundation
import HTTPTypes
import TestSupport
import Testing
import TokenTransport
import VaultAPI
import VaultCore
import VaultSQLite

@testable import TokenVault

/// What the vault says of a token besides the token itself.
@Suite("Token details", .timeLimit(.minutes(5)))
struct TokenDetailsTests {
    private static let token = "/services/dropbox/tokens/sample"

    private func vault() async throws -> VaultFixture {
        let vault = try await VaultFixture(permissions: "Get,CreateOrUpdate")
        let service = """
            {"authentication":{"managedIdentityProvider":{"name":"dropbox"},
             "parameters":{"clientid":"app-id","clientsecret":"app-secret"}}}
            """
        let bearer = try vault.bearer()
        #expect(try await vault.send(.put, "/services/dropbox", bearer: bearer, body: service).status < 300)
        #expect(try await vault.send(.put, Self.token, bearer: bearer, body: "{}").status == 201)
        return vault
    }

    /// What a login would have stored.
    private func logIn(_ vault: VaultFixture) async throws {
        let service = try #require(try await vault.store.service("dropbox"))
        let credential = Credential(
            accessToken: "sl.secret",
            expiresOn: vault.clock.date + 14_400,
            refreshToken: "rt.secret",
            scopes: ["files.read", "account"],
            configurationHash: service.configurationHash
        )
        let code = RandomSecret()
        let pending = PendingCredential(
            codeHash: code.hash,
            service: "dropbox",
            token: "sample",
            credential: credential,
            account: Account(subject: "dbid:1", label: "ann@example.com"),
            expiresOn: vault.clock.date + 300
        )
        #expect(try await vault.store.addPendingCredential(pending, sealer: vault.sealer))
        let redemption = try await vault.store.redeemCode(
            hash: code.hash,
            service: "dropbox",
            token: "sample",
            allowAccountChange: false,
            by: Principal(tenantID: "t", objectID: "o"),
            now: vault.clock.date,
            sealer: vault.sealer
        )
        guard case .saved = redemption else {
            Issue.record("\(redemption)")
            return
        }
    }

    private func ask(_ vault: VaultFixture, _ method: HTTPRequest.Method, prefer: String? = "token-details")
        async throws
        -> (text: String, answer: VaultAnswer)
    {
        let reply = try await vault.send(method, Self.token, bearer: try vault.bearer(), prefer: prefer)
        return (reply.body, try JSONDecoder().decode(VaultAnswer.self, from: Data(reply.body.utf8)))
    }

    @Test func whoeverAsksLearnsWhoseItIsAndWhenItIsRenewed() async throws {
        let vault = try await self.vault()
        let beginning = vault.clock.date
        try await self.logIn(vault)
        for method in [HTTPRequest.Method.post, .get] {
            let (text, answer) = try await self.ask(vault, method)
            let details = try #require(answer.details, "\(text)")
            #expect(details.provider == "Dropbox")
            #expect(details.account == "ann@example.com")
            #expect(details.scopes == ["files.read", "account"])
            #expect(abs(details.loggedInOn?.timeIntervalSince(beginning) ?? .infinity) < 2)
            #expect(abs(details.renewedOn?.timeIntervalSince(beginning) ?? .infinity) < 2)
            // Half of its life, give or take a tenth of that.
            let renewal = details.renewsOn?.timeIntervalSince(beginning) ?? 0
            #expect(renewal > 6_400 && renewal < 8_000)
            #expect(!text.contains("rt.secret"))
            #expect(text.contains(method == .post ? #""Details":{"Account":"# : #""details":{"account":"#))
        }
    }

    @Test(arguments: [nil, "", "return=minimal", "token-details-x"])
    func whoDoesNotAskGetsTheAnswerAsItAlwaysWas(prefer: String?) async throws {
        let vault = try await self.vault()
        try await self.logIn(vault)
        let (text, answer) = try await self.ask(vault, .post, prefer: prefer)
        #expect(answer.details == nil)
        #expect(text.contains(#"{"ExpiresIn":14400,"Parameters":{},"Value":{"AccessToken":"sl.secret"}}"#))
    }

    @Test func aTokenWithoutALoginNamesItsProvider() async throws {
        let vault = try await self.vault()
        let (_, answer) = try await self.ask(vault, .post)
        #expect(answer.problem?.code == "Unauthenticated")
        #expect(answer.details == VaultTokenDetails(provider: "Dropbox"))
    }

    @Test func anImportedTokenHasNoLogin() async throws {
        let vault = try await self.vault()
        try await self.logIn(vault)
        try await vault.importToken("imported", expiresIn: 600)
        let details = try #require(try await self.ask(vault, .post).answer.details)
        #expect(details.loggedInOn == nil)
        #expect(abs(details.renewedOn?.timeIntervalSince(vault.clock.date) ?? .infinity) < 2)
        #expect(details.renewsOn == nil)
    }

    @Test func whoMayNotHaveTheTokenLearnsNothingOfIt() async throws {
        let vault = try await self.vault()
        try await self.logIn(vault)
        let bearer = try vault.bearer { $0["oid"] = "00000000-0000-4000-8000-00000000ffff" }
        let reply = try await vault.send(.get, Self.token, bearer: bearer, prefer: "token-details")
        #expect(reply.status == 403)
        #expect(!reply.body.contains("ann@example.com"))
        #expect(!reply.body.contains("details"))
    }
}
