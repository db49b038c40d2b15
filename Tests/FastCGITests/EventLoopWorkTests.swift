import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import FastCGI

/// What runs on the event loop beside the responders, and tells somebody outside that the loop turns.
@Suite struct EventLoopWorkTests {
    private static func server(
        _ path: String,
        counting turns: Box<Int>,
        responder: some HTTPResponder<GatewayRequestContext> = makeTestResponder()
    ) -> FastCGIServer<some HTTPResponder<GatewayRequestContext>> {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var server = FastCGIServer(responder: responder, address: .unixSocket(path: path), logger: logger)
        server.workOnEventLoop = {
            repeat { turns.withLock { $0 += 1 } } while (try? await Task.sleep(for: .milliseconds(5))) != nil
            turns.withLock { $0 = -1 }
        }
        return server
    }

    @Test func itRunsOnceTheServerListensAndEndsWithIt() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        let turns = Box(0)
        let server = Self.server(path, counting: turns)
        let task = Task { try await server.run() }
        #expect(try await eventually { turns.value > 3 })
        let answer = try await FastCGIPeer.exchange(path, Wire.request())
        #expect(answer.body == "hello")
        task.cancel()
        try await task.value
        #expect(try await eventually { turns.value == -1 })
    }

    @Test func itDoesNotRunWhereNobodyCanListen() async throws {
        let directory = try TemporaryDirectory()
        let turns = Box(0)
        let server = Self.server(directory.file("none/s"), counting: turns)
        await #expect(throws: FastCGIServerError.self) { try await server.run() }
        #expect(turns.value == 0)
    }

    @Test func itStandsStillWhileTheLoopDoes() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        let turns = Box(0)
        // From when to when the loop was held up, in turns.
        let during = Box<(before: Int, after: Int)?>(nil)
        let router = Router(context: GatewayRequestContext.self)
        router.get("/") { _, _ in
            let before = turns.value
            usleep(300_000)
            during.withLock { $0 = (before, turns.value) }
            return "late"
        }
        let server = Self.server(path, counting: turns, responder: router.buildResponder())
        let task = Task { try await server.run() }
        #expect(try await eventually { turns.value > 3 })
        let answer = try await FastCGIPeer.exchange(path, Wire.request())
        #expect(answer.body == "late")
        let seen = try #require(during.value)
        #expect(seen.before > 3 && seen.after == seen.before)
        #expect(try await eventually { turns.value > seen.after })
        task.cancel()
        try await task.value
    }
}
