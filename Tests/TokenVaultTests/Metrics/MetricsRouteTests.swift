import FastCGI
import Foundation
import GRDB
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import NIOCore
import ProgramSupport
import TestSupport
import Testing
import VaultCore

@testable import ServerCommand
@testable import TokenVault
@testable import VaultSQLite

struct MetricsRouteTests {
    private static func scrape(_ vault: VaultFixture, from address: String?) async throws -> (status: Int, text: String)
    {
        let response = try await vault.responder.respond(
            to: Request(
                head: HTTPRequest(method: .get, scheme: "https", authority: "vault", path: "/metrics"),
                body: HummingbirdCore.RequestBody(buffer: ByteBuffer())
            ),
            context: GatewayRequestContext(
                source: GatewayRequestContextSource(logger: vault.logs.logger, remoteAddress: address)
            )
        )
        return (response.status.code, String(buffer: try await response.collectedBody()))
    }

    private static func value(_ name: String, in text: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
    }

    @Test func nobodySeesThemUnlessASettingSaysWho() async throws {
        let closed = try await VaultFixture()
        #expect(try await Self.scrape(closed, from: "127.0.0.1").status == 404)
        let open = try await VaultFixture(environment: ["TOKEN_VAULT_METRICS_ADDRESSES": "10.0.0.0/8, ::1"])
        for address in ["127.0.0.1", "11.0.0.1", "", "::2", nil] {
            #expect(try await Self.scrape(open, from: address).status == 404, "\(address ?? "none")")
        }
        for address in ["10.1.2.3", "::1"] { #expect(try await Self.scrape(open, from: address).status == 200) }
    }

    @Test(arguments: ["here", "10.0.0.0/33", "127.0.0.1 ::1"])
    func anAddressThatIsNoneIsNamed(text: String) {
        #expect(throws: ConfigurationError.self) {
            try MetricsAccess(
                variable: "TOKEN_VAULT_METRICS_ADDRESSES",
                environment: ["TOKEN_VAULT_METRICS_ADDRESSES": text]
            )
        }
    }

    @Test func whatHappensIsCounted() async throws {
        let vault = try await VaultFixture(environment: ["TOKEN_VAULT_METRICS_ADDRESSES": "127.0.0.1"])
        try await vault.importToken("the-token", name: "one")
        try await vault.importToken("the-second", name: "two", expiresIn: -5)
        for _ in 0..<3 { _ = try await vault.send(.post, "/services/dropbox/tokens/one", body: "") }
        _ = try await vault.send(.post, "/services/dropbox/tokens/two", body: "")
        _ = try await vault.send(.post, "/services/dropbox/tokens/none", body: "")
        _ = try await vault.send(.get, "/nowhere")
        let text = try await Self.scrape(vault, from: "127.0.0.1").text
        #expect(Self.value(#"token_vault_reads_total{outcome="given"}"#, in: text) == "3")
        #expect(Self.value(#"token_vault_reads_total{outcome="unauthenticated"}"#, in: text) == "1")
        #expect(Self.value(#"token_vault_reads_total{outcome="notFound"}"#, in: text) == "1")
        #expect(Self.value(#"token_vault_tokens{service="dropbox",state="Ok"}"#, in: text) == "1")
        #expect(Self.value(#"token_vault_tokens{service="dropbox",state="Unauthenticated"}"#, in: text) == "1")
        #expect(Self.value("token_vault_audit_entries_total", in: text) == "5")
        #expect(Self.value("token_vault_audit_lag_entries", in: text) == "0")
        #expect(Self.value("token_vault_store_up", in: text) == "1")
        #expect(Self.value("token_vault_requests_in_flight", in: text) == "1")
        let route = "/services/{service}/tokens/{token}"
        #expect(Self.value(#"token_vault_requests_total{route="\#(route)",status="200"}"#, in: text) == "3")
        #expect(Self.value(#"token_vault_requests_total{route="NotFound",status="404"}"#, in: text) == "1")
        #expect(Self.value(#"token_vault_request_seconds_count{route="\#(route)"}"#, in: text) == "5")
        for secret in ["the-token", "the-second", "\"one\""] { #expect(!text.contains(secret)) }
    }

    @Test func aStoreThatIsGoneIsAFigureToo() async throws {
        let vault = try await VaultFixture(environment: ["TOKEN_VAULT_METRICS_ADDRESSES": "127.0.0.1"])
        try await vault.store.pool.write { try $0.execute(sql: "DROP TABLE pending_login") }
        let (status, text) = try await Self.scrape(vault, from: "127.0.0.1")
        #expect(status == 200)
        #expect(Self.value("token_vault_store_up", in: text) == "0")
    }

    @Test(arguments: [
        ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("0123456789ABCDEF0123456789ABCDEF", ""),
        ("0123456789abcdef", ""), ("'; DROP TABLE audit; --           ", ""), (nil, ""),
    ])
    func theAuditNamesTheRequestAsTheWebServerDoes(text: String?, expected: String) async throws {
        let vault = try await VaultFixture()
        var head = HTTPRequest(method: .post, scheme: "https", authority: "vault", path: "/services/dropbox/tokens/x")
        head.headerFields[.authorization] = "Bearer \(try vault.bearer())"
        _ = try await vault.responder.respond(
            to: Request(head: head, body: HummingbirdCore.RequestBody(buffer: ByteBuffer())),
            context: GatewayRequestContext(
                source: GatewayRequestContextSource(
                    logger: vault.logs.logger,
                    variables: MetaVariables(text.map { [("REQUEST_ID", $0)] } ?? [])
                )
            )
        )
        let lines = try await vault.files.run("audit", "list").filter { !$0.contains("\tlocal\t") }
        #expect(
            lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).last.map(String.init) } == [
                expected
            ]
        )
    }
}
