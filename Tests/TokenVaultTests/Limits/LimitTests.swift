import FastCGI
import Foundation
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import NIOCore
import ProgramSupport
import TestSupport
import Testing
import VaultCore
import VaultSQLite

@testable import TokenVault

/// Limits as callers meet them.
struct LimitTests {
    private static let path = "/services/dropbox/tokens/sample"

    @Test func aPrincipalThatAsksTooOftenIsToldSo() async throws {
        let vault = try await VaultFixture(environment: ["TOKEN_VAULT_RATE_PRINCIPAL": "1"])
        try await vault.importToken("the-token")
        var statuses: [Int] = []
        var last: VaultFixture.Reply?
        for _ in 0..<6 {
            last = try await vault.send(.post, Self.path, body: "")
            statuses.append(last?.status ?? 0)
        }
        #expect(statuses == [200, 200, 429, 429, 429, 429])
        let refused = try #require(last)
        #expect(refused.headers[.retryAfter] == "1")
        #expect(refused.body.contains(#""code":"TooManyRequests""#))
        #expect(!refused.body.contains("the-token"))
        vault.clock.advance(by: .seconds(1))
        #expect(try await vault.send(.post, Self.path, body: "").status == 200)
        // Other routes of the same principal, too.
        #expect(try await vault.send(.get, "/services", body: "").status == 429)
        // The audit has the first, and not all of them.
        let rows = try await vault.audit()
        #expect(rows.filter { $0.hasSuffix("throttled") }.count == 1)
        #expect(rows.filter { $0.hasSuffix("given") }.count == 3)
    }

    @Test func aTokenHasALimitThatStrangersDoNotUseUp() async throws {
        let vault = try await VaultFixture(environment: ["TOKEN_VAULT_RATE_TOKEN": "1"])
        try await vault.importToken("the-token")
        try await vault.importToken("another", name: "other")
        let stranger = try vault.bearer { $0["oid"] = .string("99999999-9999-9999-9999-999999999999") }
        for _ in 0..<10 { #expect(try await vault.send(.post, Self.path, bearer: stranger).status == 403) }
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(try await vault.send(.post, Self.path, body: "").status) }
        #expect(statuses == [200, 200, 429, 429])
        #expect(try await vault.send(.post, "/services/dropbox/tokens/other", body: "").status == 200)
    }

    private static func login(_ vault: VaultFixture, from address: String?, path: String = Self.path + "/login")
        async throws -> Int
    {
        let response = try await vault.responder.respond(
            to: Request(
                head: HTTPRequest(method: .get, scheme: "https", authority: "vault", path: path),
                body: HummingbirdCore.RequestBody(buffer: ByteBuffer())
            ),
            context: GatewayRequestContext(
                source: GatewayRequestContextSource(logger: vault.logs.logger, remoteAddress: address)
            )
        )
        return response.status.code
    }

    @Test func browsersHaveALimitForEachNetwork() async throws {
        let vault = try await VaultFixture(environment: ["TOKEN_VAULT_RATE_BROWSER": "1"])
        for group in [["10.0.0.1", "10.0.0.1"], ["2001:db8::1", "2001:db8::ffff:1"], [nil, nil]] {
            var statuses: [Int] = []
            for number in 0..<6 { statuses.append(try await Self.login(vault, from: group[number % 2])) }
            #expect(statuses.map { $0 == 429 } == [false, false, true, true, true, true], "\(group)")
        }
        #expect(try await Self.login(vault, from: "10.0.0.2") != 429)
        #expect(try await Self.login(vault, from: "2001:db8:0:1::1") != 429)
        // What is no step of a login is not for browsers.
        for _ in 0..<10 { #expect(try await Self.login(vault, from: "10.0.0.1", path: "/healthz") == 200) }
    }

    /// A name is no step of a login, whatever it is.
    @Test func whatIsCalledLoginIsNotForBrowsers() async throws {
        let vault = try await VaultFixture(environment: ["TOKEN_VAULT_RATE_BROWSER": "1"])
        try await vault.importToken("the-token", name: "login")
        for _ in 0..<6 {
            #expect(try await vault.send(.post, "/services/dropbox/tokens/login", body: "").status == 200)
        }
        for path in ["/services/login", "/services/dropbox/policies/login", "/login"] {
            for _ in 0..<6 { #expect(try await vault.send(.get, path).status != 429, "\(path)") }
        }
        // The routes of browsers are limited, each with the others.
        for path in ["/redirect", "/services/dropbox/tokens/login/login"] {
            var last = 0
            for _ in 0..<6 { last = try await Self.login(vault, from: "10.0.0.\(path.utf8.count)", path: path) }
            #expect(last == 429, "\(path)")
        }
    }

    @Test func withoutASettingThereIsNoLimit() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("the-token")
        for _ in 0..<50 { #expect(try await vault.send(.post, Self.path, body: "").status == 200) }
    }

    @Test func quotasAreForCallersAndNotForTheAdministrator() async throws {
        let vault = try await VaultFixture(
            permissions: "Get,CreateOrUpdate",
            environment: ["TOKEN_VAULT_MAX_SERVICES": "2", "TOKEN_VAULT_MAX_TOKENS": "1"]
        )
        let body =
            #"{"authentication":{"managedIdentityProvider":{"name":"github"},"parameters":{"clientid":"a","clientsecret":"b"}}}"#
        #expect(try await vault.send(.put, "/services/one", body: body).status == 201)
        let service = try await vault.send(.put, "/services/two", body: body)
        #expect(service.status == 409)
        #expect(service.body.contains(#""code":"QuotaExceeded""#))
        #expect(service.body.contains("The store may hold 2 services"))
        #expect(try await vault.send(.put, "/services/one", body: body).status == 200)
        #expect(try await vault.send(.put, "/services/one/tokens/a", body: "{}").status == 201)
        #expect(try await vault.send(.put, "/services/one/tokens/b", body: "{}").status == 409)
        #expect(try await vault.send(.put, "/services/one/tokens/a", body: "{}").status == 200)
        try await vault.files.run("token", "create", "one", "b")
        #expect(try await vault.store.tokens().count == 2)
    }

    @Test(arguments: ["0", "-1", "many", "1000001", "1.5"])
    func aRateThatIsNoneIsNamed(text: String) {
        #expect(throws: ConfigurationError("TOKEN_VAULT_RATE_TOKEN is not a number from 1 to 1000000.")) {
            try LimitSettings(environment: ["TOKEN_VAULT_RATE_TOKEN": text])
        }
    }
}
