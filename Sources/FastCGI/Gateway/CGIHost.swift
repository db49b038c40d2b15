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

    /// Reads the request from the environment and standard input, and writes the answer to standard output.
    ///
    /// - Throws: when standard output cannot be written to.
    public func run(environment: [String: String]) async throws {
        try await self.run(environment: environment, input: 0, output: 1)
    }

    func run(environment: [String: String], input: Int32, output: Int32) async throws {
        signal(SIGPIPE, SIG_IGN)
        let response = await self.response(environment: environment, input: input)
        try await Self.onThread { try Self.write(response.bytes, to: output) }
    }

    private func response(environment: [String: String], input: Int32) async -> GatewayResponse {
        let length = environment["CONTENT_LENGTH"].flatMap { Int($0) } ?? 0
        guard length <= self.limits.maxBodyBytes else {
            // Web servers show an error of their own when a program leaves a body unread.
            let drained = min(length, 2 * self.limits.maxBodyBytes + 1024 * 1024)
            _ = try? await Self.onThread { Self.skip(drained, from: input) }
            return .refusing(.bodyTooLarge)
        }
        // Standard input need not end after the body (RFC 3875 section 4.2).
        guard let body = try? await Self.onThread({ Self.read(max(length, 0), from: input) }) else {
            return .refusing(.bodyTruncated)
        }
        let variables = MetaVariables(environment.map { ($0.key, $0.value) })
        return await self.handler.respond(to: GatewayRequest(interface: .cgi, variables: variables, body: body))
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
