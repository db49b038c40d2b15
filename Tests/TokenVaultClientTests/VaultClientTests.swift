import Foundation
import TestSupport
import Testing
import TokenTransport
import TokenVaultClient

@Suite struct VaultClientTests {
    private static let bearer = "eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ0In0.c2lnbmF0dXJl"

    private func token(from server: LoopbackServer, timeout: Duration = .seconds(20)) async throws -> VaultToken {
        let url = server.url("/services/dropbox/tokens/sampleToken?code=s3cret")
        let client = try VaultClient(tokenURL: url, transport: URLSessionTransport(), timeout: timeout)
        return try await client.token(bearer: Self.bearer)
    }

    private func failure(of server: LoopbackServer, timeout: Duration = .seconds(20)) async throws -> VaultError {
        let error = try await #require(throws: VaultError.self) { try await self.token(from: server, timeout: timeout) }
        var dumped = ""
        dump(error, to: &dumped)
        for secret in ["s3cret", Self.bearer, "c2lnbmF0dXJl"] {
            #expect(!(dumped + error.description).contains(secret))
        }
        return error
    }

    // MARK: The request

    @Test func itPostsNothingWithTheBearerToken() async throws {
        let server = try LoopbackServer(.json(#"{"Value":{"AccessToken":"t0ken"},"ExpiresIn":60}"#))
        defer { server.stop() }
        #expect(try await self.token(from: server) == VaultToken(accessToken: "t0ken", expiry: .seconds(60)))
        let request = try #require(server.statistics.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/services/dropbox/tokens/sampleToken?code=s3cret")
        #expect(request.values(of: "Authorization") == ["Bearer \(Self.bearer)"])
        #expect(request.values(of: "Accept") == ["application/json"])
        #expect(request.values(of: "Content-Length") == ["0"])
        #expect(request.body.isEmpty)
    }

    @Test(arguments: [
        LoopbackServer.Answer.json(#"{"Parameters":{},"Value":{"AccessToken":"t0ken"},"ExpiresIn":"x"}"#),
        .json(#"{"name":"a","value":{"accessToken":"t0ken"},"status":{"state":"Ok"}}"#, status: 201),
        .text("t0ken"),
    ])
    func everyFormOfTheAnswerIsRead(_ answer: LoopbackServer.Answer) async throws {
        let server = try LoopbackServer(answer)
        defer { server.stop() }
        #expect(try await self.token(from: server).accessToken == "t0ken")
    }

    // MARK: Refusals

    @Test(arguments: [400, 401, 403, 404, 409, 500, 503])
    func aRefusalInJSONIsReadable(_ status: Int) async throws {
        let body = #"{"error":{"code":"Unauthenticated","message":"This connection is not authenticated."}}"#
        let server = try LoopbackServer(.json(body, status: status))
        defer { server.stop() }
        let error = try await self.failure(of: server)
        let message = "This connection is not authenticated."
        #expect(error.refusal == .init(status: status, code: "Unauthenticated", message: message))
        #expect(error.description == "The vault refused with status \(status): Unauthenticated: \(message)")
        #expect(error.httpStatus == 502)
    }

    @Test(arguments: [
        ("", ""),
        ("no permission", "no permission"),
        (#"{"Error":{"Message":"nope"}}"#, "nope"),
        (#"{"message":"nope"}"#, "nope"),
        (#"{"error":"invalid_token"}"#, "invalid_token"),
        (#"{"other":"thing"}"#, #"{"other":"thing"}"#),
        ("{broken", "{broken"),
        ("<h1>502</h1>\r\n", "<h1>502</h1>"),
        ("bad token \(bearer)", "bad token <redacted>"),
        (#"{"error":{"message":"bad token \#(bearer)"}}"#, "bad token <redacted>"),
    ])
    func aRefusalInAnyTextIsReadable(_ body: String, _ shown: String) async throws {
        let server = try LoopbackServer(.text(body, status: 403))
        defer { server.stop() }
        let error = try await self.failure(of: server)
        #expect(error.refusal == .init(status: 403, code: nil, message: shown))
        #expect(error.description == "The vault refused with status 403" + (shown.isEmpty ? "." : ": \(shown)"))
    }

    @Test func aRefusalInBytesIsReadable() async throws {
        let bytes = Data([0xFF, 0x00, 0xC3, 0x28]) + Data("\u{1B}[31mred".utf8)
        let server = try LoopbackServer(.response(status: 500, headers: [], body: bytes))
        defer { server.stop() }
        let error = try await self.failure(of: server)
        #expect(error.refusal == .init(status: 500, code: nil, message: "\u{FFFD} \u{FFFD}( [31mred"))
    }

    @Test func aLongRefusalIsCut() async throws {
        let server = try LoopbackServer(.text(String(repeating: "no ", count: 300_000), status: 400))
        defer { server.stop() }
        #expect(try await self.failure(of: server).description.count < 600)
    }

    @Test func aSuccessThatSaysNoIsARefusal() async throws {
        let body = #"{"value":null,"status":{"state":"Error","error":{"code":"Unauthenticated","message":"Log in."}}}"#
        let server = try LoopbackServer(.json(body))
        defer { server.stop() }
        let error = try await self.failure(of: server)
        #expect(error.refusal == .init(status: 200, code: "Unauthenticated", message: "Log in."))
    }

    @Test(arguments: [301, 302, 307, 308])
    func aRedirectIsARefusalAndTheTokenDoesNotFollowIt(_ status: Int) async throws {
        let other = try LoopbackServer(.json(#"{"Value":{"AccessToken":"t0ken"}}"#))
        defer { other.stop() }
        let headers = [(name: "Location", value: other.url("/services/a/tokens/b").absoluteString)]
        let server = try LoopbackServer(.response(status: status, headers: headers, body: Data()))
        defer { server.stop() }
        #expect(try await self.failure(of: server).refusal == .init(status: status, code: nil, message: ""))
        #expect(other.statistics.connections == 0)
    }

    // MARK: No token

    @Test(arguments: [
        LoopbackServer.Answer.json("{}"), .json("{"), .text("<html>Sign in</html>"), .text(""), .text("", status: 204),
        .raw("garbage\r\n\r\n"), .text(String(repeating: "a", count: 2_000_000)),
    ])
    func aSuccessWithoutATokenIsUnreadable(_ answer: LoopbackServer.Answer) async throws {
        let server = try LoopbackServer(answer)
        defer { server.stop() }
        let error = try await self.failure(of: server)
        #expect(error.code == .unreadable, "\(error)")
        #expect(error.httpStatus == 502)
    }

    @Test(arguments: [
        LoopbackServer.Answer.close, .reset, .raw("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"Value\":"),
    ])
    func aVaultThatHangsUpIsUnreachable(_ answer: LoopbackServer.Answer) async throws {
        let server = try LoopbackServer(answer)
        defer { server.stop() }
        let error = try await self.failure(of: server)
        #expect(error.code == .unreachable, "\(error)")
        #expect(error.httpStatus == 502)
    }

    @Test func aVaultThatIsNotThereIsUnreachable() async throws {
        let server = try LoopbackServer(.close)
        server.stop()
        let error = try await self.failure(of: server)
        #expect(error.code == .unreachable)
        #expect(
            error.description
                == "The vault gave no token: 127.0.0.1:\(server.port) could not be reached: connection refused."
        )
    }

    @Test func aVaultThatStallsTimesOutInTime() async throws {
        let server = try LoopbackServer(.silence)
        defer { server.stop() }
        let began = ContinuousClock.now
        let error = try await self.failure(of: server, timeout: .milliseconds(250))
        // Without the deadline it would never end.
        #expect(ContinuousClock.now - began < .seconds(30))
        #expect(error.code == .timedOut)
        #expect(error.httpStatus == 504)
    }

    @Test func aCancelledCallIsNoError() async throws {
        let server = try LoopbackServer(.silence)
        defer { server.stop() }
        let call = Task { try await self.token(from: server) }
        #expect(try await server.reaches { $0.inFlight == 1 })
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(try await server.reaches { $0.abandoned == 1 })
    }

    @Test func theBearerTokenGoesToNoPlainHTTPHost() async throws {
        let url = try #require(URL(string: "http://vault.example.com/services/a/tokens/b?code=s3cret"))
        let client = try VaultClient(tokenURL: url, transport: UnusedTransport(), timeout: .seconds(1))
        let error = try await #require(throws: VaultError.self) { try await client.token(bearer: Self.bearer) }
        #expect(error.code == .insecure)
        #expect(error.httpStatus == 500)
        #expect(error.description.contains("http://vault.example.com"))
        #expect(!error.description.contains("s3cret"))
    }

    // MARK: The URL

    @Test(arguments: [
        "https://name.westcentralus.tokenvault.azure.net/services/dropbox/tokens/sampleToken",
        "http://127.0.0.1:8081/services/a/tokens/b?x=y", "http://[::1]/t", "HTTPS://EXAMPLE.com/any/path",
    ])
    func anAbsoluteURLIsTaken(_ text: String) throws {
        let url = try #require(URL(string: text))
        #expect(try VaultClient(tokenURL: url, transport: UnusedTransport(), timeout: .seconds(1)).tokenURL == url)
    }

    @Test(arguments: [
        ("services/a/tokens/b?code=s3cret", "has no scheme"),
        ("//host/services/a/tokens/b?code=s3cret", "has no scheme"),
        ("ftp://host/services/a/tokens/b?code=s3cret", "is neither https nor http"),
        ("vault.example.com:80/a?code=s3cret", "is neither https nor http"),
        ("https:///services/a/tokens/b?code=s3cret", "has no host"),
        ("https:services?code=s3cret", "has no host"),
        ("https://s3cret@host/services/a/tokens/b", "holds a user or a password"),
        ("https://user:s3cret@host/services/a/tokens/b", "holds a user or a password"),
        ("https://host/services/a/tokens/b#s3cret", "holds a fragment ('#')"),
        ("https://host?code=s3cret", "has no path"),
        ("https://host/?code=s3cret", "has no path"),
    ])
    func anyOtherURLIsRefusedWithItsReason(_ text: String, _ reason: String) throws {
        let url = try #require(URL(string: text))
        let error = try #require(throws: VaultURLError.self) {
            try VaultClient(tokenURL: url, transport: UnusedTransport(), timeout: .seconds(1))
        }
        #expect(error.description.hasPrefix("The URL of the vault's token \(reason); it has to be like https://NAME."))
        #expect(!error.description.contains("s3cret"))
    }
}

private struct UnusedTransport: HTTPTransport {
    func send(_ request: TransportRequest) async throws -> TransportResponse {
        Issue.record("nothing may be sent")
        throw TransportError(.other, "unused")
    }
}
