import Foundation
import HTTPTypes
import Hummingbird
import Locking
import NIOCore

/// A response with its body read.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let body: String

    init(_ response: Response) async throws {
        let collected = Collected()
        try await response.body.write(Writer(collected: collected))
        self.status = response.status.code
        self.headers = response.headers
        self.body = String(buffer: collected.buffer.withLock { $0 })
    }

    /// The members of the JSON object, as text; a number as its digits.
    var json: [String: String] {
        let object = try? JSONSerialization.jsonObject(with: Data(self.body.utf8)) as? [String: Any]
        return (object ?? [:]).mapValues { "\($0)" }
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
}
