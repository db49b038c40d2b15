import Foundation
import TestSupport
import Testing
import TokenTransport

/// How an exchange ends without an answer: by a failure, by its deadline, or because the caller left.
@Suite struct URLSessionCallTests {
    let transport = URLSessionTransport()

    private func failure(of server: LoopbackServer, timeout: Duration = .seconds(20)) async throws -> TransportError {
        try await #require(throws: TransportError.self) { try await self.transport.send(to: server, timeout: timeout) }
    }

    @Test(arguments: [
        ("", TransportError.Reason.connection),
        ("HTTP/1.1 20", .connection),
        ("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhi", .connection),
        ("\u{0}\u{1} garbage\r\n\r\n", .malformedAnswer),
        ("<html>no header</html>", .malformedAnswer),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\nhi", .malformedAnswer),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhi", .malformedAnswer),
        ("HTTP/1.1 000 What\r\nContent-Length: 2\r\n\r\nhi", .malformedAnswer),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi", .malformedAnswer),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi", .malformedAnswer),
    ])
    func aBadAnswerIsAnError(_ answer: String, _ reason: TransportError.Reason) async throws {
        let server = try LoopbackServer(.raw(answer))
        defer { server.stop() }
        let error = try await self.failure(of: server)
        #expect(error.reason == reason, "\(error)")
        #expect(error.description.hasPrefix("127.0.0.1:\(server.port) "))
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

    @Test func anIPv6AddressThatCannotBeAskedIsNamedInTheError() async throws {
        let url = try #require(URL(string: "http://[::1]:1/"))
        let error = try await #require(throws: TransportError.self) {
            try await self.transport.send(TransportRequest(url: url, timeout: .seconds(20)))
        }
        #expect(error.description.hasPrefix("[::1]:1 c"))
    }

    @Test func theSchemeMayBeInCapitals() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        let url = try #require(URL(string: "HTTP://127.0.0.1:\(server.port)/a?b=%2F"))
        #expect(try await self.transport.send(TransportRequest(url: url)).status == 200)
        #expect(server.statistics.requests.first?.target == "/a?b=%2F")
    }

    @Test func aHostThatDoesNotExistIsAConnectionError() async throws {
        let url = try #require(URL(string: "http://name.invalid/?code=secret"))
        let error = try await #require(throws: TransportError.self) {
            try await self.transport.send(TransportRequest(url: url, timeout: .seconds(20)))
        }
        #expect(error.reason == .connection, "\(error)")
        #expect(!error.description.contains("secret"))
    }

    @Test func aServerThatDoesNotSpeakTLSIsGivenUpInTime() async throws {
        let server = try LoopbackServer(.close)
        defer { server.stop() }
        let url = try #require(URL(string: "https://127.0.0.1:\(server.port)/"))
        let error = try await #require(throws: TransportError.self) {
            try await self.transport.send(TransportRequest(url: url, timeout: .milliseconds(200)))
        }
        #expect(error.reason == .timeout)
        #expect(server.statistics.requestCount == 0)
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
        // Long enough for the request to reach the server, or it would see nobody leave.
        let error = try await self.failure(of: server, timeout: .seconds(1.5))
        #expect(error.reason == .timeout)
        #expect(error.description == "127.0.0.1:\(server.port) gave no whole answer within 1.5 s.")
        #expect(clock.now - began >= .milliseconds(1490))
        // Without the deadline it would never end.
        #expect(clock.now - began < .seconds(30))
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
        let call = Task { try await self.transport.send(to: server, timeout: .seconds(60)) }
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
            return try await self.transport.send(to: server)
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
                        let timeout = Duration.milliseconds(1 + number % 9)
                        return try await self.transport.send(to: server, "/\(number % 7)", timeout: timeout)
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
        #expect(try await self.transport.send(to: server, "/0").status == 200)
    }
}
