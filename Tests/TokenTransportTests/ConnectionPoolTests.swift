import Foundation
import TestSupport
import Testing
import TokenTransport

/// How the session's connections are used again, and when they are not.
@Suite struct ConnectionPoolTests {
    let transport = URLSessionTransport()

    @Test func callsInARowShareAConnection() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        for _ in 0..<20 {
            _ = try await self.transport.send(.post, to: server)
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
            _ = try await self.transport.send(.post, to: server)
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
        // On a busy machine three of them are hardly ever in use at the same moment.
        #expect(server.statistics.mostInFlight <= 3)
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
            #expect(try await self.transport.send(.post, to: server).status == 200)
        }
        #expect(server.statistics.connections == 20)
    }

    @Test(arguments: [LoopbackServer.Answer.close, .reset])
    func aPOSTOnAConnectionThatTheServerClosesAtThatMomentIsSentAgain(_ close: LoopbackServer.Answer) async throws {
        let server = try LoopbackServer(.text("first"), close, .text("second"))
        defer { server.stop() }
        _ = try await self.transport.send(.post, to: server)
        let response = try await self.transport.send(.post, to: server)
        #expect(String(decoding: response.body, as: UTF8.self) == "second")
        #expect(server.statistics.connections == 2)
        #expect(server.statistics.requestCount == 3)
    }

    /// Foundation cannot wind a body back when libcurl sends a request again: the second one would wait for ever.
    @Test func aRequestWithABodyTakesAConnectionOfItsOwn() async throws {
        let server = try LoopbackServer(.text("hi"))
        defer { server.stop() }
        for _ in 0..<3 {
            #expect(try await self.transport.send(.post, to: server, body: Data("a=1".utf8)).status == 200)
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
