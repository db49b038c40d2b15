import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import TestSupport

@testable import FastCGI

/// The responder that the tests of the server talk to.
func makeTestResponder(gate: Gate = Gate()) -> some HTTPResponder<GatewayRequestContext> {
    let router = Router(context: GatewayRequestContext.self)
    router.get("/") { _, _ in "hello" }
    router.head("/") { _, _ in Response(status: .ok, headers: [.contentLength: "5"]) }
    router.post("/echo") { request, _ in
        Response(status: .ok, body: ResponseBody(byteBuffer: try await request.body.collect(upTo: .max)))
    }
    router.get("/size/:count") { _, context in
        let count = try context.parameters.require("count", as: Int.self)
        return ByteBuffer(repeating: UInt8(ascii: "x"), count: count)
    }
    router.get("/wait") { _, _ in
        _ = try await gate.pass()
        return "waited"
    }
    router.get("/fail") { _, _ -> String in
        struct SecretError: Error {}
        throw SecretError()
    }
    router.get("/who") { _, context in "\(context.remoteAddress ?? "nobody") \(context.isSecure)" }
    return router.buildResponder()
}

/// Runs a server of the tests' responder on a socket in a directory of its own for as long as the body runs.
func withServer(
    limits: ServerLimits = .init(),
    gate: Gate = Gate(),
    _ body: (_ path: String, _ shutDown: @escaping @Sendable () async -> Void) async throws -> Void
) async throws {
    try await withServer(of: makeTestResponder(gate: gate), limits: limits, gate: gate, body)
}

/// Runs a server on a socket in a directory of its own for as long as the body runs; the gate is open afterwards.
func withServer(
    of responder: some HTTPResponder<GatewayRequestContext>,
    limits: ServerLimits = .init(),
    placement: ResponderPlacement = .eventLoop,
    gate: Gate = Gate(),
    _ body: (_ path: String, _ shutDown: @escaping @Sendable () async -> Void) async throws -> Void
) async throws {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let path = directory.file("s")
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = FastCGIServer(
        responder: responder,
        address: .unixSocket(path: path),
        limits: limits,
        placement: placement,
        logger: logger
    )
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
            logger: logger
        )
    )
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        // The file is there a moment before the socket listens.
        guard try await eventually({ (try? FastCGIPeer(path: path))?.close() != nil }) else {
            throw CancellationError()
        }
        try await body(path) { await group.triggerGracefulShutdown() }
        gate.openAll()
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
