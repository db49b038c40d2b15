import Foundation
import HTTPTypes
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultCore
import VaultSQLite

@testable import TokenVault

/// A vault whose service is at Dropbox, which a fake plays, and browsers that log in there.
struct LoginFixture: Sendable {
    static let path = "/services/dropbox/tokens/sample"
    static let target = "http://localhost:10329/"
    static let (accessToken, refreshToken) = ("sl.the-access-token", "the-refresh-token")
    static let clientSecret = "the-app-secret"

    let vault: VaultFixture
    /// What the provider answers to the exchange of a code.
    let answer: Box<TransportResponse>

    init(
        environment: [String: String] = [:],
        returnURLs: [String] = [Self.target],
        permissions: String = "Get,CreateOrUpdate"
    ) async throws {
        let body = """
            {"access_token":"\(Self.accessToken)","refresh_token":"\(Self.refreshToken)","expires_in":14400,\
            "account_id":"dbid:1"}
            """
        let answer = Box(TransportResponse(status: 200, body: Data(body.utf8)))
        self.answer = answer
        let holder = Box<VaultFixture?>(nil)
        self.vault = try await VaultFixture(permissions: permissions, environment: environment) { request in
            guard request.url.host() != "api.dropboxapi.com" else { return answer.value }
            guard let vault = holder.value else { throw TransportError(.other, "not there") }
            return try vault.issuer.answer(request)
        }
        holder.withLock { [vault = self.vault] in $0 = vault }
        try await self.vault.store.setReturnURLs(returnURLs)
        let configuration = ServiceConfiguration(provider: "dropbox", clientID: "app-id")
        _ = try await self.vault.store.putService(
            "dropbox",
            configuration: configuration,
            clientSecret: Self.clientSecret,
            sealer: self.vault.sealer
        )
        try await self.putToken("sample")
    }

    func putToken(_ name: String) async throws {
        _ = try await self.vault.store.putToken(service: "dropbox", name: name, displayName: nil, returnURLs: nil)
    }

    /// What a browser was answered: where it is sent, and the cookie that it keeps.
    struct Browser: Sendable {
        let reply: VaultFixture.Reply
        let location: URLComponents
        let cookie: String

        init(_ reply: VaultFixture.Reply, cookie: String = "") throws {
            self.reply = reply
            self.location = try #require(URLComponents(string: reply.headers[.location] ?? ""))
            self.cookie = reply.headers[.setCookie].map { String($0.prefix { $0 != ";" }) } ?? cookie
        }

        func parameter(_ name: String) -> String { self.location.queryItems?.first { $0.name == name }?.value ?? "" }
    }

    func begin(_ path: String = Self.path, target: String = Self.target) async throws -> Browser {
        try Browser(try await self.vault.send(.get, "\(path)/login?PostLoginRedirectUrl=\(target)"))
    }

    func redirect(
        _ begun: Browser,
        query: String = "code=the-provider-code",
        cookie: String? = nil
    ) async throws -> VaultFixture.Reply {
        try await self.vault.send(
            .get,
            "/redirect?state=\(begun.parameter("state"))&\(query)",
            cookie: cookie ?? begun.cookie
        )
    }

    func save(_ code: String, path: String = Self.path) async throws -> VaultFixture.Reply {
        try await self.vault.send(.post, "\(path)/save", body: "{\"code\":\"\(code)\"}")
    }

    func read(_ path: String = Self.path) async throws -> VaultFixture.Reply {
        try await self.vault.send(.post, path, body: "")
    }

    /// What the provider was sent for a code, in order.
    var exchanges: [FormFields] {
        self.vault.transport.requests.filter { $0.url.host() == "api.dropboxapi.com" }
            .map { FormFields(String(decoding: $0.body ?? Data(), as: UTF8.self)) }
    }
}

extension VaultFixture.Reply {
    func header(_ name: String) -> String? {
        self.headers.first { $0.name.rawName.lowercased() == name.lowercased() }?.value
    }
}
