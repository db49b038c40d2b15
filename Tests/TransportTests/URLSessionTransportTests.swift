import Foundation
import TestSupport
import Testing
import Transport

/// What Foundation and libcurl do for real, as far as the transport relies on it.
@Suite struct URLSessionTransportTests {
    let transport = URLSessionTransport()

    private func send(
        _ method: TransportRequest.Method = .get,
        to server: LoopbackServer,
        _ path: String = "/",
        headers: [(name: String, value: String)] = [],
        body: Data? = nil,
        timeout: Duration = .seconds(20)
    ) async throws -> TransportResponse {
        let request = TransportRequest(method, url: server.url(path), headers: headers, body: body, timeout: timeout)
        return try await self.transport.send(request)
    }

    private func failure(of server: LoopbackServer, timeout: Duration = .seconds(20)) async throws -> TransportError {
        try await #require(throws: TransportError.self) { try await self.send(to: server, timeout: timeout) }
    }

    // MARK: What is sent

    @Test func aRequestGoesOutAsItWasWritten() async throws {
        let server = try LoopbackServer(.text("hello"))
        defer { server.stop() }
        let headers = [(name: "X-One", value: "1"), (name: "Accept", value: "application/json")]
        _ = try await self.send(.get, to: server, "/a/b?c=d", headers: headers)
        let request = try #require(server.statistics.requests.first)
        #expect(request.method == "GET")
        #expect(request.target == "/a/b?c=d")
        #expect(request.values(of: "X-One") == ["1"])
        #expect(request.values(of: "Accept") == ["application/json"])
        #expect(request.values(of: "User-Agent") == ["token-page"])
        #expect(request.values(of: "Cookie") == [])
        #expect(request.values(of: "Content-Length") == [])
    }

    @Test func aPOSTWithoutABodySaysThatItsLengthIsZero() async throws {
        let server = try LoopbackServer(.text("hello"))
        defer { server.stop() }
        _ = try await self.send(.post, to: server)
        let request = try #require(server.statistics.requests.first)
        #expect(request.method == "POST")
        #expect(request.values(of: "Content-Length") == ["0"])
        #expect(request.values(of: "Transfer-Encoding") == [])
        #expect(request.values(of: "Content-Type") == [])
        #expect(request.values(of: "Expect") == [])
    }

    @Test(arguments: [1, 5_000, 3_000_000])
    func aBodyArrivesWhole(_ count: Int) async throws {
        let server = try LoopbackServer(.text("hello"))
        defer { server.stop() }
        let body = Data(repeating: 0x61, count: count)
        let headers = [(name: "Content-Type", value: "application/json")]
        _ = try await self.send(.post, to: server, headers: headers, body: body)
        let request = try #require(server.statistics.requests.first)
        #expect(request.body == body)
        #expect(request.values(of: "Content-Length") == ["\(count)"])
        #expect(request.values(of: "Content-Type") == ["application/json"])
        #expect(request.values(of: "Expect") == [])
    }

    @Test func aBearerTokenStaysOffTheWire() async throws {
        let url = try #require(URL(string: "http://192.0.2.1/?code=secret"))
        let request = TransportRequest(url: url, headers: [("Authorization", "Bearer secret-token")])
        let error = try await #require(throws: TransportError.self) { try await self.transport.send(request) }
        #expect(error.reason == .insecureBearer)
        #expect(!error.description.contains("secret"))
    }

    // MARK: Answers

    @Test(arguments: [200, 201, 299, 400, 401, 403, 404, 500, 503, 599])
    func everyStatusIsAnAnswer(_ status: Int) async throws {
        let server = try LoopbackServer(.text("body of \(status)", status: status))
        defer { server.stop() }
        let response = try await self.send(to: server)
        #expect(response.status == status)
        #expect(response.body == Data("body of \(status)".utf8))
        #expect(response.header("content-type") == "text/plain")
    }

    struct Shape: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var close = false
        var status = 200
        var body = "hi"

        init(_ name: String, _ answer: String, close: Bool = false, status: Int = 200, body: String = "hi") {
            self.testDescription = name
            self.answer = answer
            self.close = close
            self.status = status
            self.body = body
        }
    }

    @Test(arguments: [
        Shape("chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n"),
        Shape("until close", "HTTP/1.1 200 OK\r\n\r\nhi", close: true),
        Shape("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhi", close: true),
        Shape("Connection: close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", close: true),
        Shape("100 first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        Shape("103 first", "HTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        Shape("204", "HTTP/1.1 204 No Content\r\n\r\n", status: 204, body: ""),
        Shape("304", "HTTP/1.1 304 Not Modified\r\n\r\n", status: 304, body: ""),
        Shape("empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", body: ""),
    ])
    func everyShapeOfAnAnswerIsRead(_ shape: Shape) async throws {
        let server = try LoopbackServer(.raw(shape.answer, thenClose: shape.close))
        defer { server.stop() }
        let response = try await self.send(to: server)
        #expect(response.status == shape.status)
        #expect(String(decoding: response.body, as: UTF8.self) == shape.body)
    }

    @Test func aGzippedBodyIsUnpacked() async throws {
        let packed = try #require(Data(base64Encoded: "H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="))
        let server = try LoopbackServer(.response(status: 200, headers: [("Content-Encoding", "gzip")], body: packed))
        defer { server.stop() }
        let response = try await self.send(to: server)
        #expect(String(decoding: response.body, as: UTF8.self) == "hello")
    }

    @Test func bytesThatAreNotTextComeThrough() async throws {
        let bytes = Data((0...255).map { UInt8($0) })
        let server = try LoopbackServer(.response(status: 200, headers: [], body: bytes))
        defer { server.stop() }
        #expect(try await self.send(to: server).body == bytes)
    }

    @Test(arguments: [300, 301, 302, 303, 305, 307, 308], [true, false])
    func aRedirectIsAnAnswerAndIsNotFollowed(_ status: Int, hasLocation: Bool) async throws {
        let target = try LoopbackServer(.text("not here"))
        defer { target.stop() }
        let headers = hasLocation ? [(name: "Location", value: target.url("/there").absoluteString)] : []
        let server = try LoopbackServer(.response(status: status, headers: headers, body: Data("moved".utf8)))
        defer { server.stop() }
        let response = try await self.send(.post, to: server, headers: [("Authorization", "Bearer secret-token")])
        #expect(response.status == status)
        #expect(response.header("Location") == headers.first?.value)
        #expect(target.statistics.connections == 0)
        #expect(server.statistics.requestCount == 1)
    }

    @Test(arguments: [
        "Basic realm=\"/var/opt/key\"", "Bearer", "Bearer realm=\"x\"", "Digest realm=\"x\", nonce=\"y\"",
        "Negotiate", "",
    ])
    func anAuthenticationChallengeIsAnAnswer(_ challenge: String) async throws {
        let headers = [(name: "WWW-Authenticate", value: challenge)]
        let server = try LoopbackServer(.response(status: 401, headers: headers, body: Data("who are you?".utf8)))
        defer { server.stop() }
        for _ in 0..<2 {
            let response = try await self.send(to: server)
            #expect(response.status == 401)
            #expect(response.header("www-authenticate") == challenge)
            #expect(String(decoding: response.body, as: UTF8.self) == "who are you?")
        }
        #expect(server.statistics.requestCount == 2)
    }

    @Test func noCookieIsSentBack() async throws {
        let server = try LoopbackServer(.response(status: 200, headers: [("Set-Cookie", "a=b")], body: Data()))
        defer { server.stop() }
        _ = try await self.send(to: server)
        _ = try await self.send(to: server)
        #expect(server.statistics.requests.last?.values(of: "Cookie") == [])
    }

    @Test func noAnswerIsTakenFromACache() async throws {
        let headers = [(name: "Cache-Control", value: "max-age=3600"), (name: "ETag", value: "\"a\"")]
        let server = try LoopbackServer(.response(status: 200, headers: headers, body: Data("hi".utf8)))
        defer { server.stop() }
        _ = try await self.send(to: server)
        _ = try await self.send(to: server)
        #expect(server.statistics.requestCount == 2)
        #expect(server.statistics.requests.last?.values(of: "If-None-Match") == [])
    }

    // MARK: Failures

    @Test(arguments: [
        ("", TransportError.Reason.connection),
        ("HTTP/1.1 20", .connection),
        ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhi", .connection),
        ("\u{0}\u{1} garbage\r\n\r\n", .other),
        ("<html>no header</html>", .other),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\nhi", .other),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhi", .other),
        ("HTTP/1.1 000 What\r\nContent-Length: 2\r\n\r\nhi", .other),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi", .other),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi", .other),
    ])
    func aBadAnswerIsAnError(_ answer: String, _ reason: TransportError.Reason) async throws {
        let server = try LoopbackServer(.raw(answer))
        defer { server.stop() }
        let error = try await self.failure(of: server)
        #expect(error.reason == reason, "\(error)")
        #expect(error.description.hasPrefix("127.0.0.1:\(server.port) gave no answer: "))
    }

    @Test func aResetIsAConnectionError() async throws {
        let server = try LoopbackServer(.reset)
        defer { server.stop() }
        let error = try await self.failure(of: server)
        #expect(error.reason == .connection, "\(error)")
    }

    @Test func aClosedPortIsRefusedInThoseWords() async throws {
        let server = try LoopbackServer(.close)
        server.stop()
        let error = try await self.failure(of: server)
        #expect(error.reason == .connection)
        #expect(error.description == "127.0.0.1:\(server.port) could not be reached: connection refused.")
    }

    @Test func aHostThatDoesNotExistIsAConnectionError() async throws {
        let url = try #require(URL(string: "http://name.invalid/?code=secret"))
        let error = try await #require(throws: TransportError.self) {
            try await self.transport.send(TransportRequest(url: url, timeout: .seconds(20)))
        }
        #expect(error.reason == .connection, "\(error)")
        #expect(!error.description.contains("secret"))
    }

    @Test func anAnswerInPlainTextIsATLSError() async throws {
        let server = try LoopbackServer(.close)
        defer { server.stop() }
        let url = try #require(URL(string: "https://127.0.0.1:\(server.port)/"))
        let error = try await #require(throws: TransportError.self) {
            try await self.transport.send(TransportRequest(url: url, timeout: .milliseconds(300)))
        }
        // The server waits for the end of a request line that never comes.
        #expect(error.reason == .timeout || error.reason == .tls, "\(error)")
    }

    @Test(arguments: [false, true])
    func aBodyOverTheLimitIsRefused(lengthIsKnown: Bool) async throws {
        let transport = URLSessionTransport(maxBodyBytes: 1000)
        let body = String(repeating: "a", count: 1001)
        let server = try LoopbackServer(
            lengthIsKnown ? .text(body) : .raw("HTTP/1.1 200 OK\r\n\r\n" + body, thenClose: true)
        )
        defer { server.stop() }
        let error = try await #require(throws: TransportError.self) {
            try await transport.send(TransportRequest(url: server.url(), timeout: .seconds(20)))
        }
        #expect(error.reason == .tooLarge)
    }

    @Test func aBodyAtTheLimitIsRead() async throws {
        let transport = URLSessionTransport(maxBodyBytes: 1000)
        let server = try LoopbackServer(.text(String(repeating: "a", count: 1000)))
        defer { server.stop() }
        #expect(try await transport.send(TransportRequest(url: server.url())).body.count == 1000)
    }

    @Test func anEndlessBodyIsCutOff() async throws {
        let chunk = "10000\r\n" + String(repeating: "a", count: 0x10000) + "\r\n"
        let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 40)
        let server = try LoopbackServer(.bytesThenSilence(Data(start.utf8)))
        defer { server.stop() }
        #expect(try await self.failure(of: server).reason == .tooLarge)
        #expect(try await server.reaches { $0.abandoned == 1 })
    }

    // MARK: Time

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"])
    func theDeadlineEndsAnExchangeWhereverItStands(_ start: String) async throws {
        let server = try LoopbackServer(.bytesThenSilence(Data(start.utf8)))
        defer { server.stop() }
        let clock = ContinuousClock()
        let began = clock.now
        let error = try await self.failure(of: server, timeout: .milliseconds(200))
        #expect(error.reason == .timeout)
        #expect(error.description == "127.0.0.1:\(server.port) gave no whole answer within 0.2 s.")
        #expect(clock.now - began >= .milliseconds(190))
        #expect(clock.now - began < .seconds(5))
        #expect(try await server.reaches { $0.abandoned == 1 })
    }

    @Test func aTrickleOfBytesDoesNotPutTheDeadlineOff() async throws {
        let server = try LoopbackServer(.trickle(Data("HTTP/1.1 200 OK\r\n\r\n".utf8)))
        defer { server.stop() }
        let error = try await self.failure(of: server, timeout: .milliseconds(300))
        #expect(error.reason == .timeout)
    }

    @Test func aCancelledCallerLeavesAtOnceAndTheServerSeesIt() async throws {
        let server = try LoopbackServer(.silence)
        defer { server.stop() }
        let call = Task { try await self.send(to: server, timeout: .seconds(60)) }
        #expect(try await server.reaches { $0.inFlight == 1 })
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(try await server.reaches { $0.abandoned == 1 })
    }

    @Test func aCallerThatIsAlreadyCancelledAsksNobody() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        let call = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await self.send(to: server)
        }
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(server.statistics.requestCount == 0)
    }

    @Test func cancellationDeadlineAndAnswerMayMeet() async throws {
        let server = try LoopbackServer { request in
            .after(.milliseconds(Int(request.target.dropFirst()) ?? 0), .text("hi"))
        }
        defer { server.stop() }
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<400 {
                group.addTask {
                    let call = Task {
                        try await self.send(to: server, "/\(number % 7)", timeout: .milliseconds(1 + number % 9))
                    }
                    if number.isMultiple(of: 3) {
                        try? await Task.sleep(for: .milliseconds(number % 5))
                        call.cancel()
                    }
                    switch await call.result {
                    case .success(let response): return response.status == 200
                    case .failure(let error as TransportError): return error.reason == .timeout
                    case .failure(let error): return error is CancellationError
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == 400)
        #expect(outcomes.allSatisfy { $0 })
        #expect(try await self.send(to: server, "/0").status == 200)
    }

    // MARK: Connections

    @Test func callsInARowShareAConnection() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        for _ in 0..<20 {
            _ = try await self.send(.post, to: server)
        }
        #expect(server.statistics.connections == 1)
    }

    @Test func redirectsChallengesAndErrorsLeaveTheirConnectionInThePool() async throws {
        let server = try LoopbackServer(
            .response(status: 302, headers: [("Location", "/elsewhere")], body: Data("moved".utf8)),
            .response(status: 401, headers: [("WWW-Authenticate", "Basic realm=x")], body: Data("no".utf8)),
            .text("broken", status: 500),
            .text("fine")
        )
        defer { server.stop() }
        for _ in 0..<4 {
            _ = try await self.send(.post, to: server)
        }
        #expect(server.statistics.connections == 1)
    }

    @Test func noMoreConnectionsThanAllowedAreOpened() async throws {
        let transport = URLSessionTransport(maxConnectionsPerHost: 3)
        let server = try LoopbackServer(.after(.milliseconds(5), .text("hi")))
        defer { server.stop() }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    try await transport.send(TransportRequest(url: server.url(), timeout: .seconds(20))).status
                }
            }
            for try await status in group {
                #expect(status == 200)
            }
        }
        #expect(server.statistics.mostInFlight == 3)
        #expect(server.statistics.connections == 3)
    }

    @Test func waitingForAConnectionCountsTowardsTheDeadline() async throws {
        let transport = URLSessionTransport(maxConnectionsPerHost: 1)
        let server = try LoopbackServer(.silence)
        defer { server.stop() }
        let first = Task { try await transport.send(TransportRequest(url: server.url(), timeout: .seconds(60))) }
        #expect(try await server.reaches { $0.inFlight == 1 })
        let error = try await #require(throws: TransportError.self) {
            try await transport.send(TransportRequest(url: server.url(), timeout: .milliseconds(200)))
        }
        #expect(error.reason == .timeout)
        #expect(server.statistics.requestCount == 1)
        first.cancel()
        _ = await first.result
    }

    @Test func aConnectionThatTheServerClosedWhileItWasIdleIsReplaced() async throws {
        let server = try LoopbackServer(.responseThenClose(status: 200, body: Data("hi".utf8)))
        defer { server.stop() }
        for _ in 0..<20 {
            #expect(try await self.send(.post, to: server).status == 200)
        }
        #expect(server.statistics.connections == 20)
    }

    @Test(arguments: [LoopbackServer.Answer.close, .reset])
    func aPOSTOnAConnectionThatTheServerClosesAtThatMomentIsSentAgain(_ close: LoopbackServer.Answer) async throws {
        let server = try LoopbackServer(.text("first"), close, .text("second"))
        defer { server.stop() }
        _ = try await self.send(.post, to: server)
        let response = try await self.send(.post, to: server)
        #expect(String(decoding: response.body, as: UTF8.self) == "second")
        #expect(server.statistics.connections == 2)
        #expect(server.statistics.requestCount == 3)
    }

    /// Foundation cannot wind a body back when libcurl sends a request again: the second one would wait for ever.
    @Test func aRequestWithABodyTakesAConnectionOfItsOwn() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        for _ in 0..<3 {
            #expect(try await self.send(.post, to: server, body: Data("a=1".utf8)).status == 200)
        }
        #expect(server.statistics.connections == 3)
        #expect(try await server.reaches { $0.openConnections == 0 })
    }

    @Test func aTransportThatIsLetGoClosesItsConnections() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        _ = try await URLSessionTransport().send(TransportRequest(url: server.url()))
        #expect(try await server.reaches { $0.openConnections == 0 })
    }
}
