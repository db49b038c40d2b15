import CLinux
import Glibc
import Locking

/// Messages from tasks to the thread of the event loop, which sleeps in its poller.
final class Mailbox: Sendable {
    enum Message: Sendable {
        /// The answer to the request of a connection.
        case response(ConnectionID, GatewayResponse)
        /// Accept nothing more, finish what is in flight.
        case shutDown
        /// Let everything go.
        case stop
    }

    /// Readable when messages wait.
    let descriptor: Int32
    private let messages = Mutex<[Message]>([])

    init() throws(SystemCallError) {
        self.descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard self.descriptor >= 0 else { throw SystemCallError("eventfd") }
    }

    deinit {
        close(self.descriptor)
    }

    func post(_ message: Message) {
        let wasEmpty = self.messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        guard wasEmpty else { return }
        _ = eventfd_write(self.descriptor, 1)
    }

    /// Takes all messages.
    func collect() -> [Message] {
        var count: eventfd_t = 0
        _ = eventfd_read(self.descriptor, &count)
        return self.messages.withLock { messages in
            let all = messages
            messages = []
            return all
        }
    }
}
