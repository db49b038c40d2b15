import Foundation
import HTTPTypes
import Hummingbird
import Locking
import Logging
import NIOCore
import ServiceLifecycle

@testable import FastCGI

/// Requests that wait until they are let go or cancelled.
final class Gate: Sendable {
    private struct State {
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var next = 0
        var arrived = 0
        var cancelled = 0
        var isOpen = false
    }

    private let state = Mutex(State())

    var arrived: Int { self.state.withLock { $0.arrived } }
    var cancelled: Int { self.state.withLock { $0.cancelled } }

    func wait() async throws {
        let number = self.state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isOpen = self.state.withLock { state in
                    state.arrived += 1
                    if !state.isOpen { state.waiting[number] = continuation }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            let continuation = self.state.withLock { state in
                state.cancelled += 1
                return state.waiting.removeValue(forKey: number)
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    func open() {
        let all = self.state.withLock { state in
            state.isOpen = true
            let all = state.waiting.values
            state.waiting = [:]
            return Array(all)
        }
        for continuation in all { continuation.resume() }
    }
}

/// Waits until a condition holds, or gives up.
func eventually(within limit: Duration = .seconds(10), _ condition: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}

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
        try await gate.wait()
        return "waited"
    }
    router.get("/fail") { _, _ -> String in
        struct SecretError: Error {}
        throw SecretError()
    }
    router.get("/who") { _, context in "\(context.remoteAddress ?? "nobody") \(context.isSecure)" }
    return router.buildResponder()
}

/// Runs a server on a socket in a directory of its own for as long as the body runs.
func withServer(
    limits: ServerLimits = .init(),
    gate: Gate = Gate(),
    _ body: (_ path: String, _ shutDown: @escaping @Sendable () async -> Void) async throws -> Void
) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "fcgi-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "s").path(percentEncoded: false)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = FastCGIServer(
        responder: makeTestResponder(gate: gate),
        address: .unixSocket(path: path),
        limits: limits,
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
        let isUp = try await eventually { FileManager.default.fileExists(atPath: path) }
        guard isUp else { throw CancellationError() }
        // The file is there a moment before the socket listens.
        try await onThread {
            for _ in 0..<200 {
                if let peer = try? FastCGIPeer(path: path) { return peer.close() }
                usleep(5000)
            }
        }
        try await body(path) { await group.triggerGracefulShutdown() }
        gate.open()
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
