import HTTPTypes
import Hummingbird
import Locking
import NIOCore

/// The body of one answer on its way from the responder, who writes it in pieces, to whoever sends it.
///
/// What is finished before anybody has taken a piece of it is sent as a whole, with its length, and can still be replaced by
/// an error. Else the pieces go out as they are written, and the responder waits while there are ``room`` bytes or more that
/// nobody has taken: what is held is that, and one piece.
final class ResponseStream: Sendable {
    /// How many bytes wait to be taken before the responder has to wait too.
    static let room = 64 * 1024

    /// The responder wrote another number of bytes than it had announced.
    struct WrongLength: Error {}

    private enum Phase {
        /// Nothing was taken yet.
        case collecting
        case sending
        /// Nothing will be taken any more.
        case closed
    }

    private struct State {
        var phase = Phase.collecting
        /// What the head is made from.
        var head: (status: HTTPResponse.Status, fields: HTTPFields)?
        /// How many bytes the responder has announced.
        var length: Int?
        var written = 0
        var pending = ByteBuffer()
        var isAnnounced = false
        var writer: CheckedContinuation<Void, any Error>?
    }

    private let announce: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter announce: Called when there is something to take; not again before it was taken.
    init(announce: @escaping @Sendable () -> Void) {
        self.announce = announce
    }

    // MARK: For the responder

    /// The writer of a response's body.
    func writer(for response: Response) -> any ResponseBodyWriter {
        let length = response.body.contentLength ?? response.headers[.contentLength].flatMap { Int($0) }
        self.state.withLock { state in
            state.head = (response.status, response.headers)
            state.length = length
        }
        return Writer(stream: self)
    }

    private struct Writer: ResponseBodyWriter {
        let stream: ResponseStream

        func write(_ piece: ByteBuffer) async throws {
            guard try self.stream.put(piece) else { return }
            try await self.stream.waitForRoom()
        }

        /// FastCGI and CGI have no place for trailing fields.
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    /// - Returns: Whether the writer has to wait.
    /// - Throws: ``WrongLength``, or `CancellationError` when nobody wants the answer any more.
    private func put(_ piece: ByteBuffer) throws -> Bool {
        guard piece.readableBytes > 0 else { return false }
        let (isNews, isFull) = try self.state.withLock { state in
            guard state.phase != .closed else { throw CancellationError() }
            state.written += piece.readableBytes
            if state.phase == .sending, let length = state.length, state.written > length { throw WrongLength() }
            if state.pending.readableBytes == 0 {
                state.pending = piece
            } else {
                state.pending.writeImmutableBuffer(piece)
            }
            // A body that came in one piece is about to be finished.
            guard state.phase == .sending || state.written != state.length else { return (false, false) }
            defer { state.isAnnounced = true }
            return (!state.isAnnounced, state.pending.readableBytes >= Self.room)
        }
        if isNews { self.announce() }
        return isFull
    }

    private func waitForRoom() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = self.state.withLock { state -> Result<Void, any Error>? in
                    if state.phase == .closed || Task.isCancelled { return .failure(CancellationError()) }
                    if state.pending.readableBytes < Self.room { return .success(()) }
                    state.writer = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            self.takeWriter()?.resume(throwing: CancellationError())
        }
    }

    private func takeWriter() -> CheckedContinuation<Void, any Error>? {
        self.state.withLock { state in
            defer { state.writer = nil }
            return state.writer
        }
    }

    /// Ends the answer as a whole, if nothing of it was taken yet.
    ///
    /// - Returns: The body; nil when the answer is on its way already.
    func finishWhole() -> ByteBuffer? {
        self.state.withLock { state in
            guard state.phase == .collecting else { return nil }
            state.phase = .closed
            defer { state.pending = ByteBuffer() }
            return state.pending
        }
    }

    /// Whether as many bytes were written as were announced.
    var isComplete: Bool { self.state.withLock { $0.length == nil || $0.length == $0.written } }

    // MARK: For whoever sends

    /// Begins to send the answer in pieces.
    ///
    /// - Returns: Its head; nil when it has been finished as a whole.
    func begin() -> [UInt8]? {
        self.state.withLock { state in
            guard state.phase == .collecting, let head = state.head else { return nil }
            state.phase = .sending
            return ResponseHead.bytes(status: head.status, fields: head.fields, length: state.length)
        }
    }

    /// Takes all that was written and lets the responder go on.
    func take() -> ByteBuffer {
        let (piece, writer) = self.state.withLock { state in
            defer {
                state.pending = ByteBuffer()
                state.writer = nil
                state.isAnnounced = false
            }
            return (state.pending, state.writer)
        }
        writer?.resume()
        return piece
    }

    /// Takes nothing any more: nobody wants the answer.
    func close() {
        let writer = self.state.withLock { state in
            state.phase = .closed
            state.pending = ByteBuffer()
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume(throwing: CancellationError())
    }
}
