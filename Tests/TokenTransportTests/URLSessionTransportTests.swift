import Foundation
import TestSupport
import Testing
import TokenTransport

/// What is sent and what is read: Foundation and libcurl as they are, as far as the transport relies on them.
@Suite struct URLSessionTransportTests {
    let transport = URLSessionTransport()

    // MARK: What is sent

    @Test func aRequestGoesOutAsItWasWritten() async throws {
        let server = try LoopbackServer(.text("hello"))
        defer { server.stop() }
        let headers = [(name: "X-One", value: "1"), (name: "Accept", value: "application/json")]
        _ = try await self.transport.send(.get, to: server, "/a/b?c=d", headers: headers)
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
        _ = try await self.transport.send(.post, to: server)
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
        _ = try await self.transport.send(.post, to: server, headers: headers, body: body)
        let request = try #require(server.statistics.requests.first)
        #expect(request.body == body)
        #expect(request.values(of: "Content-Length") == ["\(count)"])
        #expect(request.values(of: "Content-Type") == ["application/json"])
        #expect(request.values(of: "Expect") == [])
    }

    @Test(arguments: ["a\r\nX-Evil: 1", "a\nb", "a\u{0}b", "a\u{7F}"])
    func aValueThatWouldEndItsLineIsRefused(_ value: String) async throws {
        let server = try LoopbackServer(.text("hello"))
        defer { server.stop() }
        let error = try await #require(throws: TransportError.self) {
            try await self.transport.send(.get, to: server, headers: [(name: "X-Secret", value: value)])
        }
        #expect(error.description == "The value for the header field X-Secret holds a control character.")
        #expect(server.statistics.requests.isEmpty)
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
        let response = try await self.transport.send(to: server)
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
        let response = try await self.transport.send(to: server)
        #expect(response.status == shape.status)
        #expect(String(decoding: response.body, as: UTF8.self) == shape.body)
    }

    @Test func aGzippedBodyIsUnpacked() async throws {
        let packed = try #require(Data(base64Encoded: "H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="))
        let server = try LoopbackServer(.response(status: 200, headers: [("Content-Encoding", "gzip")], body: packed))
        defer { server.stop() }
        let response = try await self.transport.send(to: server)
        #expect(String(decoding: response.body, as: UTF8.self) == "hello")
    }

    @Test func bytesThatAreNotTextComeThrough() async throws {
        let bytes = Data((0...255).map { UInt8($0) })
        let server = try LoopbackServer(.response(status: 200, headers: [], body: bytes))
        defer { server.stop() }
        #expect(try await self.transport.send(to: server).body == bytes)
    }

    @Test(arguments: [300, 301, 302, 303, 305, 307, 308], [true, false])
    func aRedirectIsAnAnswerAndIsNotFollowed(_ status: Int, hasLocation: Bool) async throws {
        let target = try LoopbackServer(.text("not here"))
        defer { target.stop() }
        let headers = hasLocation ? [(name: "Location", value: target.url("/there").absoluteString)] : []
        let server = try LoopbackServer(.response(status: status, headers: headers, body: Data("moved".utf8)))
        defer { server.stop() }
        let bearer = [(name: "Authorization", value: "Bearer secret-token")]
        let response = try await self.transport.send(.post, to: server, headers: bearer)
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
            let response = try await self.transport.send(to: server)
            #expect(response.status == 401)
            #expect(response.header("www-authenticate") == challenge)
            #expect(String(decoding: response.body, as: UTF8.self) == "who are you?")
        }
        #expect(server.statistics.requestCount == 2)
    }

    @Test func noCookieIsSentBack() async throws {
        let server = try LoopbackServer(.response(status: 200, headers: [("Set-Cookie", "a=b")], body: Data()))
        defer { server.stop() }
        _ = try await self.transport.send(to: server)
        _ = try await self.transport.send(to: server)
        #expect(server.statistics.requests.last?.values(of: "Cookie") == [])
    }

    @Test func noAnswerIsTakenFromACache() async throws {
        let headers = [(name: "Cache-Control", value: "max-age=3600"), (name: "ETag", value: "\"a\"")]
        let server = try LoopbackServer(.response(status: 200, headers: headers, body: Data("hi".utf8)))
        defer { server.stop() }
        _ = try await self.transport.send(to: server)
        _ = try await self.transport.send(to: server)
        #expect(server.statistics.requestCount == 2)
        #expect(server.statistics.requests.last?.values(of: "If-None-Match") == [])
    }
}
