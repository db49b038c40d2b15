import Foundation
import NIOHTTP1
import TestSupport
import Testing
import TokenTransport

@testable import AsyncHTTPTransport

/// Against real servers on loopback, with TLS and an authority of their own where it matters.
@Suite struct AsyncHTTPTransportTests {
    private static let loopback = HostResolver { _ in [IPAddress(bytes: [127, 0, 0, 1])] }

    private func trusted(_ pem: String) throws -> TrustedCertificates {
        let url = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data(pem.utf8).write(to: url)
        return try TrustedCertificates(pemFile: url.path(percentEncoded: false))
    }

    private func failure(
        _ transport: AsyncHTTPTransport,
        _ url: String,
        timeout: Duration = .seconds(20)
    ) async throws -> TransportError {
        let url = try #require(URL(string: url))
        return try await #require(throws: TransportError.self) {
            try await transport.send(TransportRequest(url: url, timeout: timeout))
        }
    }

    // MARK: TLS

    @Test func aPrivateAuthorityIsTrustedAndTheNameIsTheOneThatWasAskedFor() async throws {
        let server = try await TLSServer(for: ["provider.example"]) { "host \($0.headers.first(name: "Host") ?? "")" }
        let transport = AsyncHTTPTransport(trusting: try self.trusted(server.authority), resolver: Self.loopback)
        let url = try #require(URL(string: "https://provider.example:\(server.port)/"))
        for _ in 0..<3 {
            let response = try await transport.send(TransportRequest(url: url))
            #expect(response.status == 200)
            #expect(String(decoding: response.body, as: UTF8.self) == "host provider.example:\(server.port)")
        }
        await server.stop()
    }

    @Test func aCertificateFromAnAuthorityThatNobodyTrustsIsRefused() async throws {
        let server = try await TLSServer(for: ["provider.example"])
        let error = try await self.failure(
            AsyncHTTPTransport(resolver: Self.loopback),
            "https://provider.example:\(server.port)/"
        )
        #expect(error.reason == .tls, "\(error)")
        #expect(error.isUnsent)
        await server.stop()
    }

    /// Whoever renews a token with it must not take it for a request that never left.
    @Test func aFailureOfTLSBehindTheRequestDoesNotSayThatNothingWasSent() async throws {
        let server = try await TLSServer(for: ["provider.example"], breaksTLS: true)
        let transport = AsyncHTTPTransport(trusting: try self.trusted(server.authority), resolver: Self.loopback)
        let error = try await self.failure(transport, "https://provider.example:\(server.port)/")
        #expect(error.reason == .tls, "\(error)")
        #expect(!error.isUnsent)
        await server.stop()
    }

    @Test func aCertificateForAnotherNameIsRefused() async throws {
        let server = try await TLSServer(for: ["other.example"])
        let transport = AsyncHTTPTransport(trusting: try self.trusted(server.authority), resolver: Self.loopback)
        let error = try await self.failure(transport, "https://provider.example:\(server.port)/")
        #expect(error.reason == .tls, "\(error)")
        #expect(error.isUnsent)
        await server.stop()
    }

    @Test func aFileWithoutACertificateIsNamed() throws {
        #expect(throws: TrustedCertificates.Failure.self) { try self.trusted("no certificate") }
        let error = try #require(throws: TrustedCertificates.Failure.self) {
            try TrustedCertificates(pemFile: "/nonexistent/ca.pem")
        }
        #expect(error.description.hasPrefix("/nonexistent/ca.pem cannot be read"))
    }

    // MARK: Addresses

    @Test(arguments: [
        "http://127.0.0.1", "http://localhost", "http://[::1]", "http://[::ffff:127.0.0.1]", "http://127.1",
    ])
    func anAddressOfThisMachineIsNotAsked(_ site: String) async throws {
        let server = try LoopbackServer(.text("secret"))
        defer { server.stop() }
        let transport = AsyncHTTPTransport(policy: .publicOnly())
        let error = try await self.failure(transport, "\(site):\(server.port)/")
        #expect(error.reason == .refusedAddress, "\(error)")
        #expect(server.statistics.connections == 0)
    }

    @Test func aNameThatLeadsElsewhereAMomentLaterIsNotFollowed() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        let calls = Box(0)
        // A name server that first gives an allowed address, and then the one of a metadata service.
        let resolver = HostResolver { _ in
            let call = calls.withLock { count in
                count += 1
                return count
            }
            return [IPAddress(bytes: call == 1 ? [127, 0, 0, 1] : [169, 254, 169, 254])]
        }
        let allowed = try #require(AddressRange("127.0.0.1"))
        let transport = AsyncHTTPTransport(policy: .publicOnly(allowing: [allowed]), resolver: resolver)
        let url = "http://provider.example:\(server.port)/"
        let response = try await transport.send(TransportRequest(url: try #require(URL(string: url))))
        #expect(response.status == 200)
        #expect(calls.value == 1)
        #expect(try await self.failure(transport, url).reason == .refusedAddress)
        #expect(server.statistics.requestCount == 1)
    }

    @Test func theNextAddressIsTriedWhenNobodyListensAtTheFirst() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        let resolver = HostResolver { _ in [IPAddress(bytes: [127, 0, 0, 2]), IPAddress(bytes: [127, 0, 0, 1])] }
        let url = try #require(URL(string: "http://provider.example:\(server.port)/"))
        #expect(try await AsyncHTTPTransport(resolver: resolver).send(TransportRequest(url: url)).status == 200)
    }

    @Test(arguments: ["http://ho%20st/", "http://ex%61mple.com/", "http://[fe80::1%25eth0]/"])
    func aHostThatTheClientMightReadDifferentlyIsNotAsked(_ text: String) async throws {
        let transport = AsyncHTTPTransport(policy: .publicOnly(), resolver: Self.loopback)
        guard let url = URL(string: text) else { return }
        await #expect(throws: TransportError.self) {
            try await transport.send(TransportRequest(url: url, timeout: .seconds(2)))
        }
    }

    @Test func aNameWithoutAnAddressIsSaidToHaveNone() async throws {
        let error = try await self.failure(
            AsyncHTTPTransport(resolver: HostResolver { _ in [] }),
            "http://name.invalid/"
        )
        #expect(error.reason == .connection)
        #expect(error.description == "name.invalid could not be found: the name has no address.")
    }

    // MARK: Answers

    @Test func aRedirectIsTheAnswer() async throws {
        let server = try await TLSServer(for: ["provider.example"])
        let transport = AsyncHTTPTransport(trusting: try self.trusted(server.authority), resolver: Self.loopback)
        let url = try #require(URL(string: "https://provider.example:\(server.port)/redirect"))
        let response = try await transport.send(TransportRequest(url: url))
        #expect(response.status == 302)
        #expect(response.header("Location") == "/elsewhere")
        await server.stop()
    }

    @Test(arguments: [TransportRequest.Method.get, .post, .put, .delete])
    func eachMethodIsSentWithItsBody(_ method: TransportRequest.Method) async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        let body = method == .get ? nil : Data("a=1".utf8)
        _ = try await AsyncHTTPTransport().send(TransportRequest(method, url: server.url("/a?b"), body: body))
        let request = try #require(server.statistics.requests.first)
        #expect(request.method == method.rawValue)
        #expect(request.target == "/a?b")
        #expect(request.body == body ?? Data())
        #expect(request.values(of: "User-Agent") == ["token-vault"])
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"])
    func theDeadlineEndsACallWhereverItStands(_ start: String) async throws {
        let server = try LoopbackServer(.bytesThenSilence(Data(start.utf8)))
        defer { server.stop() }
        let error = try await self.failure(
            AsyncHTTPTransport(),
            server.url().absoluteString,
            // Long enough for the request to reach the server, or it would see nobody leave.
            timeout: .seconds(1.5)
        )
        #expect(error.reason == .timeout)
        #expect(error.description.hasSuffix("gave no whole answer within 1.5 s."))
        #expect(try await server.reaches { $0.abandoned == 1 })
    }

    @Test func aTrickleOfBytesDoesNotPutTheDeadlineOff() async throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"
        let server = try LoopbackServer(.trickle(Data(text.utf8)))
        defer { server.stop() }
        let url = server.url().absoluteString
        #expect(try await self.failure(AsyncHTTPTransport(), url, timeout: .milliseconds(300)).reason == .timeout)
    }

    @Test func aLookUpThatHangsCountsTowardsTheDeadline() async throws {
        let resolver = HostResolver { _ in
            try await Task.sleep(for: .seconds(60))
            return []
        }
        let transport = AsyncHTTPTransport(resolver: resolver)
        #expect(
            try await self.failure(transport, "http://slow.example/", timeout: .milliseconds(200)).reason == .timeout
        )
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        let server = try LoopbackServer(.text(String(repeating: "a", count: 1001)))
        defer { server.stop() }
        let error = try await self.failure(AsyncHTTPTransport(maxBodyBytes: 1000), server.url().absoluteString)
        #expect(error.reason == .tooLarge, "\(error)")
    }

    @Test(arguments: [
        ("", TransportError.Reason.connection), ("HTTP/1.1 200 OK\r\nContent-", .connection),
        ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhi", .connection), ("garbage\r\n\r\n", .malformedAnswer),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhi", .malformedAnswer),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi", .malformedAnswer),
    ])
    func aBadAnswerIsAnErrorOfItsKind(_ answer: String, _ reason: TransportError.Reason) async throws {
        let server = try LoopbackServer(.raw(answer))
        defer { server.stop() }
        let error = try await self.failure(AsyncHTTPTransport(), server.url().absoluteString)
        #expect(error.reason == reason, "\(error)")
    }

    @Test func aClosedPortIsRefusedInThoseWords() async throws {
        let server = try LoopbackServer(.close)
        server.stop()
        let error = try await self.failure(AsyncHTTPTransport(), server.url().absoluteString)
        #expect(error.reason == .connection)
        #expect(error.description == "127.0.0.1:\(server.port) could not be reached: Connection refused.")
    }

    @Test func aPOSTIsNeverSentTwice() async throws {
        let server = try LoopbackServer(.text("first"), .close, .text("third"))
        defer { server.stop() }
        let transport = AsyncHTTPTransport()
        _ = try await transport.send(TransportRequest(.post, url: server.url(), body: Data("a".utf8)))
        let error = try await #require(throws: TransportError.self) {
            try await transport.send(TransportRequest(.post, url: server.url(), body: Data("a".utf8)))
        }
        #expect(error.reason == .connection)
        #expect(server.statistics.requestCount == 2)
    }

    @Test func aCancelledCallerLeavesAtOnceAndTheServerSeesIt() async throws {
        let server = try LoopbackServer(.silence)
        defer { server.stop() }
        let transport = AsyncHTTPTransport()
        let call = Task { try await transport.send(TransportRequest(url: server.url(), timeout: .seconds(60))) }
        #expect(try await server.reaches { $0.inFlight == 1 })
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(try await server.reaches { $0.abandoned == 1 })
    }

    @Test func aCredentialInTheClearGoesNowhereButToThisMachine() async throws {
        let url = try #require(URL(string: "http://provider.example/"))
        let request = TransportRequest(url: url, headers: [("Authorization", "Bearer x")])
        let error = try await #require(throws: TransportError.self) { try await AsyncHTTPTransport().send(request) }
        #expect(error.reason == .insecureBearer)
    }

    // MARK: Proxies and pools

    @Test func aRequestGoesThroughTheProxyThatTheEnvironmentNames() async throws {
        let proxy = try LoopbackServer(.text("by proxy"))
        defer { proxy.stop() }
        let settings = ProxySettings(["http_proxy": "127.0.0.1:\(proxy.port)", "no_proxy": "direct.example"])
        let transport = AsyncHTTPTransport(proxies: settings, resolver: HostResolver { _ in [] })
        let url = try #require(URL(string: "http://provider.example/a"))
        let response = try await transport.send(TransportRequest(url: url))
        #expect(String(decoding: response.body, as: UTF8.self) == "by proxy")
        // It asks for a tunnel, whatever the scheme.
        #expect(proxy.statistics.requests.first?.method == "CONNECT")
        #expect(proxy.statistics.requests.first?.target == "provider.example:80")
        #expect(try await self.failure(transport, "http://direct.example/").reason == .connection)
    }

    @Test func noMoreClientsAreKeptThanAllowed() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        let transport = AsyncHTTPTransport(resolver: Self.loopback, maxClients: 2)
        for number in 0..<6 {
            let url = try #require(URL(string: "http://host\(number).example:\(server.port)/"))
            #expect(try await transport.send(TransportRequest(url: url)).status == 200)
        }
        #expect(try await server.reaches { $0.openConnections <= 2 })
    }
}
