import HTTPTypes
package import Hummingbird
import Locking
package import NIOCore

extension Response {
    /// The whole body, as a client would get it.
    package func collectedBody() async throws -> ByteBuffer {
        let collected = Collected()
        try await self.body.write(Writer(collected: collected))
        return collected.buffer.withLock { $0 }
    }
}

private final class Collected: Sendable {
    let buffer = Mutex(ByteBuffer())
}

private struct Writer: ResponseBodyWriter {
    let collected: Collected

    func write(_ buffer: ByteBuffer) async throws {
        _ = self.collected.buffer.withLock { $0.writeImmutableBuffer(buffer) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
