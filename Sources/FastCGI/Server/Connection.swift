import CLinux
import Glibc

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
        case responding(FCGXRequest, Task<Void, Never>)
        /// Part of an answer could not be sent yet.
        case writing([UInt8], sent: Int)
    }

    let id: ConnectionID
    var reader: RecordReader
    var state = State.idle
    /// When the current state has lasted too long; nil while the responder works, which has its own limits.
    var deadline: ContinuousClock.Instant?
    var keepConnection = false
    /// The peer has said that it will send nothing more.
    var isInputClosed = false
    /// The connection ends as soon as the answer is out.
    var isLeaving = false
    var interest: Poller.Interest?

    init(id: ConnectionID, limits: ServerLimits) {
        self.id = id
        self.reader = RecordReader(limits: limits)
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

    enum WriteResult {
        case written(Int)
        case broken
    }

    /// Sends as much as the socket takes now.
    func write(_ bytes: ArraySlice<UInt8>) -> WriteResult {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                return send(self.id.descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, flags)
            }
            if count >= 0 {
                sent += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .written(sent)
            default: return .broken
            }
        }
        return .written(sent)
    }
}
