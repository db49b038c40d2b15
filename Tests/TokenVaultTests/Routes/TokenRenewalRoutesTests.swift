import Foundation
import HTTPTypes
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultCore
import VaultSQLite

@testable import TokenVault

/// Tokens that are due for renewal, as applications see them.
@Suite("Renewal of tokens", .timeLimit(.minutes(5)))
struct TokenRenewalRoutesTests {
    private static let path = "/services/dropbox/tokens/sample"
    private static let lifetime: TimeInterval = 14_400

    /// What Dropbox says, and what it was asked.
    private struct Provider {
        var answer: TransportResponse?
        var refusedSecret: String?
        var asked: [FormFields] = []

        mutating func respond(to request: TransportRequest) -> TransportResponse {
            let fields = FormFields(String(decoding: request.body ?? Data(), as: UTF8.self))
            self.asked.append(fields)
            if let answer { return answer }
            if let refusedSecret, fields["client_secret"] == refusedSecret {
                return TransportResponse(status: 401, body: Data(#"{"error":"invalid_client"}"#.utf8))
            }
            let refresh = fields["grant_type"] == "authorization_code" ? #","refresh_token":"the-refresh-token""# : ""
            let body = "{\"access_token\":\"access-\(self.asked.count)\",\"expires_in\":14400\(refresh)}"
            return TransportResponse(status: 200, body: Data(body.utf8))
        }
    }

    private let provider = Box(Provider())
    private let vault: VaultFixture

    init() async throws {
        let provider = self.provider
        let issuer = try TestIssuer()
        self.vault = try await VaultFixture(permissions: "Get,CreateOrUpdate") { request in
            guard request.url.host() == "api.dropboxapi.com" else { return try issuer.answer(request) }
            // So that others come while this one waits.
            for _ in 0..<50 { await Task.yield() }
            return provider.withLock { $0.respond(to: request) }
        }
        _ = try await self.vault.store.setReturnURLs(["https://app.example.com/"])
        try await self.putService(secret: "first-secret")
    }

    private var calls: Int { self.provider.value.asked.count }

    private func putService(id: String = "app-id", secret: String) async throws {
        let service = """
            {"authentication":{"managedIdentityProvider":{"name":"dropbox"},
             "parameters":{"clientid":"\(id)","clientsecret":"\(secret)"}}}
            """
        #expect(try await self.vault.send(.put, "/services/dropbox", body: service).status < 300)
    }

    /// As `token import-refresh` leaves it.
    private func importToken(expiresIn seconds: TimeInterval = Self.lifetime) async throws {
        let service = try #require(try await self.vault.store.service("dropbox"))
        let credential = Credential(
            accessToken: "access-0",
            expiresOn: self.vault.clock.date + seconds,
            refreshToken: "the-refresh-token",
            configurationHash: service.configurationHash
        )
        _ = try await self.vault.store.saveCredential(
            credential,
            service: "dropbox",
            token: "sample",
            sealer: self.vault.sealer
        )
    }

    private func read() async throws -> VaultFixture.Reply { try await self.vault.send(.post, Self.path, body: "") }

    @Test func aTokenThatSomebodyLoggedInForIsRenewedWhenItIsReadInsideItsMargin() async throws {
        #expect(try await self.vault.send(.put, Self.path, body: "{}").status == 201)
        let begun = try await self.vault.send(
            .get,
            "\(Self.path)/login?PostLoginRedirectUrl=https://app.example.com/"
        )
        let page = try #require(URLComponents(string: begun.headers[.location] ?? ""))
        let state = page.queryItems?.first { $0.name == "state" }?.value ?? ""
        let cookie = String((begun.headers[.setCookie] ?? "").prefix { $0 != ";" })
        let back = try await self.vault.send(.get, "/redirect?state=\(state)&code=c", cookie: cookie)
        let code = (back.headers[.location] ?? "").components(separatedBy: "code=").last ?? ""
        let saved = try await self.vault.send(.post, "\(Self.path)/save", body: "{\"code\":\"\(code)\"}")
        #expect(saved.body.contains("\"AccessToken\":\"access-1\""))

        self.vault.clock.advance(by: .seconds(14_400 - 301))
        #expect(try await self.read().body.contains("\"AccessToken\":\"access-1\""))
        #expect(self.calls == 1)
        self.vault.clock.advance(by: .seconds(2))
        for _ in 0..<2 {
            let renewed = try await self.read()
            #expect(renewed.body.contains("\"AccessToken\":\"access-2\""))
            #expect(renewed.body.contains("\"ExpiresIn\":14400"))
        }
        #expect(self.calls == 2)
        #expect(self.provider.value.asked[1]["grant_type"] == "refresh_token")
        #expect(self.provider.value.asked[1]["refresh_token"] == "the-refresh-token")
        #expect(try await self.vault.audit().contains { $0.hasSuffix("dropbox/sample renewed") })
    }

    @Test func aTokenIsRenewedInTheBackgroundSoonAfterHalfOfItsLife() async throws {
        try await self.importToken()
        try await self.vault.renewal.sweep()
        #expect(self.calls == 0)
        self.vault.clock.advance(by: .seconds(Self.lifetime * 0.56))
        try await self.vault.renewal.sweep()
        try await self.vault.renewal.sweep()
        #expect(self.calls == 1)
        #expect(try await self.read().body.contains("\"AccessToken\":\"access-1\""))
        #expect(self.calls == 1)
    }

    @Test func aGrantThatIsOverIsAnErrorWithItsReason() async throws {
        let body = #"{"error":"invalid_grant","error_description":"gone"}"#
        self.provider.withLock { $0.answer = TransportResponse(status: 400, body: Data(body.utf8)) }
        try await self.importToken(expiresIn: -1)
        let read = try await self.read()
        #expect(read.status == 400)
        #expect(read.body.contains("\"code\":\"Revoked\""))
        let shown = try await self.vault.send(.get, Self.path, body: "")
        #expect(shown.status == 200)
        #expect(shown.body.contains("\"state\":\"Error\""))
        #expect(shown.body.contains("\"code\":\"Revoked\""))
        #expect(self.calls == 1)
        #expect(self.vault.logs.text.contains("Revoked"))
    }

    @Test func twoHundredReadersAtTheExpiryCauseOneRequest() async throws {
        try await self.importToken(expiresIn: 0)
        let replies = try await withThrowingTaskGroup(of: VaultFixture.Reply.self) { group in
            for _ in 0..<200 { group.addTask { try await self.read() } }
            return try await group.reduce(into: [VaultFixture.Reply]()) { $0.append($1) }
        }
        #expect(replies.count == 200)
        #expect(replies.allSatisfy { $0.status == 200 && $0.body.contains("\"AccessToken\":\"access-1\"") })
        #expect(self.calls == 1)
    }

    @Test func aProviderThatIsDownCostsNoTokenThatLives() async throws {
        self.provider.withLock { $0.answer = TransportResponse(status: 503) }
        try await self.importToken()
        self.vault.clock.advance(by: .seconds(Self.lifetime - 30))
        let read = try await self.read()
        #expect(read.status == 200)
        #expect(read.body.contains("\"AccessToken\":\"access-0\""))
        // The reader waits for two seconds at most, in which a busy machine may not have asked yet.
        #expect(try await eventually { self.calls == 1 })
    }

    @Test func anExpiredTokenIsNotHandedOutAndItsReaderIsToldWhenToComeBack() async throws {
        self.provider.withLock {
            $0.answer = TransportResponse(status: 503, headers: [(name: "Retry-After", value: "120")])
        }
        try await self.importToken(expiresIn: -1)
        let read = try await self.read()
        #expect(read.status == 503)
        #expect(read.body.contains("\"code\":\"RenewalPending\""))
        #expect((120...125).contains(Int(read.headers[.retryAfter] ?? "") ?? 0))
        let shown = try await self.vault.send(.get, Self.path, body: "")
        #expect(shown.body.contains("\"code\":\"RenewalPending\""))
        #expect(!shown.body.contains("access-0"))
        #expect(self.calls == 1)
        self.provider.withLock { $0.answer = nil }
        self.vault.clock.advance(by: .seconds(125))
        #expect(try await self.read().body.contains("\"AccessToken\":\"access-2\""))
    }

    @Test func aTokenThatExpiresOnItsWayIsNoMissingLogin() async throws {
        let body = #"{"access_token":"short","expires_in":0.4}"#
        self.provider.withLock { $0.answer = TransportResponse(status: 200, body: Data(body.utf8)) }
        try await self.importToken(expiresIn: -1)
        let read = try await self.read()
        #expect(read.status == 503)
        #expect(read.body.contains("\"code\":\"RenewalPending\""))
        #expect(read.headers[.retryAfter] == "1")
        #expect(self.calls == 1)
    }

    @Test func theOtherClientSecretIsTriedOnceWhenTheNewestIsRefused() async throws {
        try await self.putService(secret: "second-secret")
        self.provider.withLock { $0.refusedSecret = "second-secret" }
        try await self.importToken(expiresIn: -1)
        #expect(try await self.read().body.contains("\"AccessToken\":\"access-2\""))
        #expect(self.calls == 2)
    }

    @Test func aRefusedClientIsAnErrorOfTheServiceAndTheTokenIsGoodAgainAfterwards() async throws {
        self.provider.withLock { $0.refusedSecret = "first-secret" }
        try await self.importToken()
        self.vault.clock.advance(by: .seconds(Self.lifetime - 30))
        let shown = try await self.vault.send(.get, Self.path, body: "")
        #expect(shown.body.contains("\"code\":\"ServiceBroken\""))
        #expect(try await self.read().body.contains("\"AccessToken\":\"access-0\""))
        #expect(self.calls == 1)
        self.provider.withLock { $0.refusedSecret = nil }
        self.vault.clock.advance(by: .seconds(301))
        #expect(try await self.read().body.contains("\"AccessToken\":\"access-2\""))
    }

    @Test func aRefreshTokenDoesNotGoToAServiceThatWasPointedElsewhere() async throws {
        try await self.importToken(expiresIn: -1)
        try await self.putService(id: "another-app", secret: "another-secret")
        #expect(try await self.read().body.contains("\"code\":\"ServiceChanged\""))
        try await self.vault.renewal.sweep()
        #expect(self.calls == 0)
    }
}
