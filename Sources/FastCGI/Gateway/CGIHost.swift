import Foundation
public import Hummingbird
public import Logging
import NIOCore

/// Answers the one request that a CGI process was started for (RFC 3875).
public struct CGIHost<Responder: HTTPResponder>: Sendable
where Responder.Context: InitializableFromSource<GatewayRequestContextSource> {
    private let handler: GatewayHandler<Responder>
    private let limits: ServerLimits

    /// Creates a host for one request; of the limits only ``ServerLimits/maxBodyBytes`` matters here.
    public init(responder: Responder, limits: ServerLimits = .init(), logger: Logger) {
        self.handler = GatewayHandler(responder: responder, logger: logger)
        self.limits = limits
    }

    /// Reads the request from the environment and standard input, and writes the answer to standard output: as a whole, or in
    /// the pieces in which the responder writes it.
    ///
    /// - Throws: When standard output cannot be written to, which cancels the responder; and when the responder fails after
    ///   some of the answer was written. The process has to end with another status than 0 then.
    public func run(environment: [String: String]) async throws {
        try await self.run(environment: environment, input: 0, output: 1)
    }

    func run(environment: [String: String], input: Int32, output: Int32) async throws {
        signal(SIGPIPE, SIG_IGN)
        let (news, announcer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let stream = ResponseStream { announcer.yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in news { try await Self.write(piecesOf: stream, to: output) }
            }
            group.addTask {
                defer { announcer.finish() }
                switch await self.answer(environment: environment, input: input, through: stream) {
                case .whole(let response):
                    try await Self.onThread {
                        try Self.write(ByteBuffer(bytes: response.head), to: output)
                        try Self.write(response.body, to: output)
                    }
                case .streamed: break
                case .broken: throw BrokenAnswer()
                }
            }
            // Not waitForAll(), which would let the responder wait for a room that nobody makes any more.
            for try await _ in group {}
        }
    }

    private struct BrokenAnswer: Error, CustomStringConvertible {
        let description = "The responder failed when some of its answer had been written: what came is not all of it."
    }

    private static func write(piecesOf stream: ResponseStream, to output: Int32) async throws {
        if let head = stream.begin() {
            try await Self.onThread { try Self.write(ByteBuffer(bytes: head), to: output) }
        }
        let piece = stream.take()
        try await Self.onThread { try Self.write(piece, to: output) }
    }

    private func answer(
        environment: [String: String],
        input: Int32,
        through stream: ResponseStream
    ) async -> GatewayAnswer {
        let length = environment["CONTENT_LENGTH"].flatMap { Int($0) } ?? 0
        guard length <= self.limits.maxBodyBytes else {
            // Web servers show an error of their own when a program leaves a body unread.
            let drained = min(length, 2 * self.limits.maxBodyBytes + 1024 * 1024)
            _ = try? await Self.onThread { Self.skip(drained, from: input) }
            return .whole(.refusing(.bodyTooLarge))
        }
        // Standard input need not end after the body (RFC 3875 section 4.2).
        guard let body = try? await Self.onThread({ Self.read(max(length, 0), from: input) }) else {
            return .whole(.refusing(.bodyTruncated))
        }
        let variables = MetaVariables(environment.map { ($0.key, $0.value) })
        let request = GatewayRequest(interface: .cgi, variables: variables, body: body)
        return await self.handler.respond(to: request, through: stream)
    }

    private static func read(_ count: Int, from descriptor: Int32) -> ByteBuffer {
        var body = ByteBuffer()
        while body.readableBytes < count {
            let missing = count - body.readableBytes
            let received = body.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { buffer in
                max(Foundation.read(descriptor, buffer.baseAddress, missing), 0)
            }
            guard received > 0 else { break }
        }
        return body
    }

    /// Reads so many bytes, or to the end, and forgets them.
    private static func skip(_ count: Int, from descriptor: Int32) {
        var missing = count
        while missing > 0 {
            let received = Self.read(min(missing, 64 * 1024), from: descriptor).readableBytes
            guard received > 0 else { return }
            missing -= received
        }
    }

    private static func write(_ bytes: ByteBuffer, to descriptor: Int32) throws {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            let count = bytes.readWithUnsafeReadableBytes { buffer in
                max(Foundation.write(descriptor, buffer.baseAddress, buffer.count), 0)
            }
            guard count > 0 else { throw SystemCallError("write") }
        }
    }

    /// Runs what may block on a thread of its own.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
        }
    }
}
