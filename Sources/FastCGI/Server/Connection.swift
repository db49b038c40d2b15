import CLinux
import Glibc
import NIOCore

/// Names a connection: a descriptor is used again as soon as it is closed, hence the second number.
struct ConnectionID: Hashable, Sendable {
    let descriptor: Int32
    let generation: UInt32

    init(descriptor: Int32, generation: UInt32) {
        self.descriptor = descriptor
        self.generation = generation
    }

    init(token: UInt64) {
        self.descriptor = Int32(truncatingIfNeeded: token & 0xFFFF_FFFF)
        self.generation = UInt32(token >> 32)
    }

    var token: UInt64 { UInt64(self.generation) << 32 | UInt64(UInt32(bitPattern: self.descriptor)) }
}

/// What the event loop knows of one peer; it stays on the thread of the loop.
final class Connection {
    enum State {
        /// Nothing of a request has arrived.
        case idle
        case reading
        /// The responder works on a request.
        case responding(Task<Void, Never>, ResponseStream)
        /// The answer is sent in pieces as the responder writes them.
        case streaming(Task<Void, Never>, ResponseStream)
        /// The answer is complete, but not all of it is sent.
        case writing
        /// All is sent, and what the peer still sends is read and dropped, until it is done.
        case draining
    }

    let id: ConnectionID
    var reader: RecordReader
    var state = State.idle
    /// Counts the requests, so that the late answer to one that was aborted is not taken for that to the next.
    var request: UInt32 = 0
    /// What the socket had no room for.
    ///
    /// Until it is sent nothing more is read, so that a peer that does not read what it is sent comes to wait, and not to
    /// fill the memory.
    var unsent: ArraySlice<UInt8> = []
    /// What of the answer's body is not in records yet.
    var body = ByteBuffer()
    /// The records that end the request, to be sent behind the body; empty while more of it may come.
    var ending: [UInt8] = []
    /// When the current state has lasted too long; nil while the responder works, which has its own limits.
    var deadline: ContinuousClock.Instant?
    var keepConnection = false
    /// Whether the loop still has it.
    var isOpen = true
    /// The peer has said that it will send nothing more.
    var isInputClosed = false
    /// The connection ends as soon as the answer is out.
    var isLeaving = false
    var interest: Poller.Interest?

    init(id: ConnectionID, limits: ServerLimits) {
        self.id = id
        self.reader = RecordReader(limits: limits)
    }

    /// More input has a place, and its answer has one too.
    var wantsInput: Bool { !self.isInputClosed && self.unsent.isEmpty && !self.reader.isFull }

    /// Tells the responder that nobody waits for its answer.
    ///
    /// - Returns: false when none is at work.
    @discardableResult
    func cancelResponder() -> Bool {
        switch self.state {
        case .responding(let task, let stream), .streaming(let task, let stream):
            task.cancel()
            stream.close()
            return true
        case .idle, .reading, .writing, .draining:
            return false
        }
    }

    enum ReadResult {
        case bytes(Int)
        case nothing
        case end
        case broken
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        while true {
            let count = recv(self.id.descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                self.reader.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                return .bytes(count)
            }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            default: return .broken
            }
        }
    }

    /// Puts what comes next of the answer into a record, when all before it is sent.
    ///
    /// - Returns: false when there is nothing more at the moment.
    func prepareNextRecord() -> Bool {
        if self.body.readableBytes == 0, case .streaming(_, let stream) = self.state { self.body = stream.take() }
        if let part = self.body.readSlice(length: min(self.body.readableBytes, RecordHeader.maxAlignedLength)),
            part.readableBytes > 0
        {
            if self.body.readableBytes == 0 { self.body = ByteBuffer() }
            self.unsent = RecordHeader.standardOutput(part.readableBytesView, id: self.reader.requestID)[...]
            return true
        }
        guard !self.ending.isEmpty else { return false }
        self.unsent = self.ending[...]
        self.ending = []
        self.state = .writing
        return true
    }

    /// Sends as much of what is unsent as the socket takes now.
    ///
    /// - Returns: false when the connection is broken.
    func flush() -> Bool {
        while !self.unsent.isEmpty {
            let count = self.unsent.withUnsafeBytes { buffer in
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                return send(self.id.descriptor, buffer.baseAddress, buffer.count, flags)
            }
            if count >= self.unsent.count {
                self.unsent = []
            } else if count >= 0 {
                self.unsent = self.unsent.dropFirst(count)
            } else if errno == EAGAIN {
                return true
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
