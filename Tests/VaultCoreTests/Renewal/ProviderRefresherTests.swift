import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultSQLite
import VaultTestSupport

@testable import VaultCore

/// What a provider is asked for new tokens with, by its row.
@Suite(.timeLimit(.minutes(5)))
struct ProviderRefresherTests {
    private let token = TokenKey(service: "svc", token: "tok")

    private func refresher(_ vault: LoginServiceTests.Vault) -> ProviderRefresher {
        ProviderRefresher(
            services: vault.store,
            clients: vault.clients,
            transport: vault.transport,
            now: { vault.clock.date }
        )
    }

    /// The credential that a login leaves.
    private func logIn(_ vault: LoginServiceTests.Vault) async throws -> Credential {
        guard case .saved = try await vault.save(try await vault.login()["code"]) else {
            throw LoginFailure(code: "test", text: "The login was not saved.")
        }
        return try #require(try await vault.credential())
    }

    @Test func anAccessTokenIsExchangedForTheNextOneWhileItLives() async throws {
        let columns = #""renewWith": "accessToken", "refreshParams": {"grant_type": "x", "t": "{accessToken}"}"#
        let asked = Box<[[String: String]]>([])
        let vault = try await LoginServiceTests.Vault(columns: columns) { request in
            asked.withLock { $0.append(request.fields) }
            let name = request.fields["t"].map { "next-of-\($0)" } ?? "first"
            return TransportResponse(200, "{\"access_token\":\"\(name)\",\"expires_in\":5184000}")
        }
        var credential = try await self.logIn(vault)
        let refresher = self.refresher(vault)
        #expect(try await refresher.terms(of: "svc").rotation == .none)
        for name in ["next-of-first", "next-of-next-of-first"] {
            let response = try await refresher.send(credential, of: self.token, secret: 0, timeout: .seconds(5))
            #expect(asked.value.last?["t"] == credential.accessToken)
            #expect(asked.value.last?["refresh_token"] == nil)
            let reading = try await refresher.read(
                response,
                of: self.token,
                configurationHash: credential.configurationHash,
                receivedAt: vault.clock.date
            )
            guard case .tokens(let next) = reading else {
                Issue.record("\(reading)")
                return
            }
            #expect(next.accessToken == name)
            #expect(next.refreshToken == name)
            #expect(next.expiresOn == vault.clock.date.addingTimeInterval(5_184_000))
            credential = next.keepingRefreshToken(of: credential)
        }
    }

    @Test func whatIsRenewedWithNothingKeepsNoRefreshToken() async throws {
        let vault = try await LoginServiceTests.Vault(columns: #""renewWith": "none""#, LoginServiceTests.good)
        let credential = try await self.logIn(vault)
        #expect(credential.accessToken == "the-at")
        #expect(credential.refreshToken == nil)
        let key = TokenKey(service: "svc", token: "tok")
        #expect(try await vault.store.renewal(of: key)?.refreshDigest == nil)
    }

    @Test func nothingGoesToAServiceThatWasRepointedAndNothingOfTheOldOneIsReadAsItsOwn() async throws {
        let vault = try await LoginServiceTests.Vault(LoginServiceTests.good)
        let credential = try await self.logIn(vault)
        let refresher = self.refresher(vault)
        let response = try await refresher.send(credential, of: self.token, secret: 0, timeout: .seconds(5))
        try await vault.put(clientID: "another")
        let reading = try await refresher.read(
            response,
            of: self.token,
            configurationHash: credential.configurationHash,
            receivedAt: vault.clock.date
        )
        guard case .serviceChanged = reading else {
            Issue.record("\(reading)")
            return
        }
        await #expect(throws: UnsentRefreshError.self) {
            try await refresher.send(credential, of: self.token, secret: 0, timeout: .seconds(5))
        }
    }
}
