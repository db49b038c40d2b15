import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("PinnedTransport", .timeLimit(.minutes(5)))
struct PinnedTransportTests {
    private static let token =
        "{\"access_token\":\"\(Sample.appToken)\",\"expires_on\":\"4102444800\",\"token_type\":\"Bearer\"}"

    private static func server(_ answer: String?) async throws -> (server: TLSServer, thumbprint: String) {
        let fixture = try await CertificateFixture.sample.value
        let server = try TLSServer(
            certificate: "\(fixture.path)/sample.crt",
            key: "\(fixture.path)/sample.key",
            answer: answer
        )
        return (server, try await fixture.thumbprint("sample"))
    }

    private static func answer(_ body: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func environment(port: Int, thumbprint: String) -> [String: String] {
        [
            "IDENTITY_ENDPOINT": "https://127.0.0.1:\(port)/metadata/identity/oauth2/token",
            "IDENTITY_HEADER": "S3cret",
            "IDENTITY_SERVER_THUMBPRINT": thumbprint, "IDENTITY_API_VERSION": "2020-05-01",
        ]
    }

    private static func credential(_ environment: [String: String]) -> ManagedIdentityCredential {
        ManagedIdentityCredential(id: .systemAssigned, role: .requested, dependencies: .fake(environment: environment))
    }

    @Test(arguments: ["as it is", "lower case", "with colons"])
    func serviceFabricGivesATokenToWhoeverKnowsItsCertificate(form: String) async throws {
        var (server, thumbprint) = try await Self.server(Self.answer(Self.token))
        if form == "lower case" { thumbprint = thumbprint.lowercased() }
        if form == "with colons" { thumbprint = thumbprint.map(String.init).joined(separator: ":") }
        let token = try await Self.credential(Self.environment(port: server.port, thumbprint: thumbprint))
            .token(for: Sample.context())
        #expect(token.token == Sample.appToken)
        #expect(token.principal.appID == Sample.appID)
        let lines = try #require(server.requests.first).split(separator: "\r\n").map(String.init)
        #expect(
            lines.first
                == "GET /metadata/identity/oauth2/token?resource=https://vault.azure.net/&api-version=2020-05-01 "
                + "HTTP/1.1"
        )
        #expect(lines.contains("Host: 127.0.0.1:\(server.port)"))
        #expect(lines.contains("Secret: S3cret"))
    }

    @Test func aServerWithAnotherCertificateIsSentNothing() async throws {
        let (server, _) = try await Self.server(Self.answer(Self.token))
        let other = String(repeating: "0", count: 40)
        let error = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(Self.environment(port: server.port, thumbprint: other))
                .token(for: Sample.context())
        }
        #expect(
            error?.reason == "Tried to get token using Managed Service Identity. Access token could not be acquired. "
                + "The certificate of 127.0.0.1 is not the one that IDENTITY_SERVER_THUMBPRINT names; nothing was sent."
        )
        // The server sees the end of the connection and no request.
        #expect(try await eventually { server.handshakes == 1 })
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: ["http://127.0.0.1:1/token", "HTTP://example.com/token"])
    func aServerWithoutTLSIsNotAsked(endpoint: String) async {
        var environment = Self.environment(port: 1, thumbprint: String(repeating: "0", count: 40))
        environment["IDENTITY_ENDPOINT"] = endpoint
        let error = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(environment).token(for: Sample.context())
        }
        #expect(error?.reason.hasSuffix("A secret with a pinned certificate goes to https only.") == true)
    }

    @Test(arguments: ["", "e9c25f41a4d8b430201b32918fb3a86d5325b6", "e9c25f41a4d8b430201b32918fb3a86d5325b69g"])
    func aThumbprintThatIsNoneIsNamed(thumbprint: String) async {
        #expect(throws: ManagedIdentityError.self) { try CertificateThumbprint(thumbprint) }
    }

    @Test func whatServiceFabricDoesNotKnowIsNotAskedAgain() async throws {
        let body = "{\"error\":{\"code\":\"ManagedIdentityNotFound\",\"message\":\"S3cret\"}}"
        let (server, thumbprint) = try await Self.server(Self.answer(body, status: "404 Not Found"))
        let error = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(Self.environment(port: server.port, thumbprint: thumbprint))
                .token(for: Sample.context())
        }
        #expect(error?.reason.contains("MSI ResponseCode: NotFound") == true)
        #expect(error?.reason.contains("ManagedIdentityNotFound") == true)
        #expect(error?.reason.contains("S3cret") == false)
        #expect(server.requests.count == 1)
    }

    @Test func aServerThatSaysNothingIsLeftAtTheDeadline() async throws {
        let (server, thumbprint) = try await Self.server(nil)
        let url = try #require(URL(string: "https://127.0.0.1:\(server.port)/"))
        let transport = try PinnedTransport(thumbprint: thumbprint)
        let error = await #expect(throws: TransportError.self) {
            try await transport.send(TransportRequest(url: url, timeout: .milliseconds(300)))
        }
        #expect(error?.reason == .timeout)
    }

    @Test func aCancelledCallerLeavesAtOnce() async throws {
        let (server, thumbprint) = try await Self.server(nil)
        let url = try #require(URL(string: "https://127.0.0.1:\(server.port)/"))
        let transport = try PinnedTransport(thumbprint: thumbprint)
        let task = Task { try await transport.send(TransportRequest(url: url, timeout: .seconds(50))) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aServerThatIsNotThereIsNotReached() async throws {
        let stopped = try LoopbackServer { _ in .close }
        stopped.stop()
        let url = try #require(URL(string: "https://127.0.0.1:\(stopped.port)/"))
        let transport = try PinnedTransport(thumbprint: String(repeating: "0", count: 40))
        let error = await #expect(throws: TransportError.self) { try await transport.send(TransportRequest(url: url)) }
        #expect(error?.reason == .connection)
    }
}
