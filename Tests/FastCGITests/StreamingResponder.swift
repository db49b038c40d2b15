import Hummingbird
import NIOCore
import TestSupport

@testable import FastCGI

/// Writes answers in pieces, and notes how far it has come.
struct StreamingResponder {
    struct Broken: Error {}

    /// Lets each piece after the first be written.
    let gate = Gate()
    /// The bytes that writers were rid of.
    let written = Box(0)
    /// What the writers of answers that did not come to their end were thrown.
    let errors = Box<[any Error]>([])

    func make() -> some HTTPResponder<GatewayRequestContext> {
        let router = Router(context: GatewayRequestContext.self, options: .autoGenerateHeadEndpoints)
        // One event after the other, each when the test says so.
        router.get("/events/:count") { _, context in
            let count = try context.parameters.require("count", as: Int.self)
            return Response(
                status: .ok,
                headers: [.contentType: "text/event-stream"],
                body: self.body { writer in
                    for number in 1...count {
                        try await writer.write(ByteBuffer(string: "event \(number)\n"))
                        _ = try await self.gate.pass()
                    }
                }
            )
        }
        // So many bytes as fast as they are taken, in pieces of 32 KB.
        router.get("/bytes/:count") { _, context in
            let count = try context.parameters.require("count", as: Int.self)
            return Response(
                status: .ok,
                body: self.body { writer in
                    for start in stride(from: 0, to: count, by: 32_768) {
                        let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: min(32_768, count - start))
                        try await writer.write(piece)
                        self.written.withLock { $0 += piece.readableBytes }
                    }
                }
            )
        }
        // As many bytes are announced as the first number says, and as many written, in two pieces, as the second.
        router.get("/announced/:length/written/:count") { _, context in
            let length = try context.parameters.require("length", as: Int.self)
            let count = try context.parameters.require("count", as: Int.self)
            return Response(
                status: .ok,
                body: self.body(length: length) { writer in
                    try await writer.write(ByteBuffer(repeating: UInt8(ascii: "x"), count: count / 2))
                    _ = try await self.gate.pass()
                    try await writer.write(ByteBuffer(repeating: UInt8(ascii: "x"), count: count - count / 2))
                }
            )
        }
        router.get("/broken") { _, _ in
            Response(
                status: .ok,
                body: self.body { writer in
                    try await writer.write(ByteBuffer(string: "the beginning"))
                    _ = try await self.gate.pass()
                    throw Broken()
                }
            )
        }
        router.get("/broken-after/:count") { _, context in
            let count = try context.parameters.require("count", as: Int.self)
            return Response(
                status: .ok,
                body: self.body { writer in
                    try await writer.write(ByteBuffer(repeating: UInt8(ascii: "x"), count: count))
                    try await Task.sleep(for: .milliseconds(100))
                    throw Broken()
                }
            )
        }
        router.get("/broken-at-once") { _, _ in
            Response(
                status: .ok,
                body: self.body { writer in
                    try await writer.write(ByteBuffer(string: "the beginning"))
                    throw Broken()
                }
            )
        }
        return router.buildResponder()
    }

    private func body(
        length: Int? = nil,
        _ write: @Sendable @escaping (inout any ResponseBodyWriter) async throws -> Void
    ) -> ResponseBody {
        ResponseBody(contentLength: length) { [errors] writer in
            do {
                try await write(&writer)
                try await writer.finish(nil)
            } catch {
                errors.withLock { $0.append(error) }
                throw error
            }
        }
    }
}
