import CLinux
import Glibc
import Locking

/// The way to the thread of the event loop, which sleeps in its poller: messages for the loop, and jobs to run on it.
///
/// As an executor it lets responders run where the input and output is done. A page then costs no change of threads, and
/// a thousand that wait for the same answer are finished one after the other, without a wake-up for each.
final class Mailbox: TaskExecutor {
    enum Message: Sendable {
        /// Part of a responder that is ready to run.
        case job(UnownedJob)
        /// The answer to the request of a connection.
        case response(ConnectionID, GatewayResponse)
        /// Accept nothing more, finish what is in flight.
        case shutDown
        /// Let everything go.
        case stop
    }

    private struct State {
        var messages: [Message] = []
        var reader: pthread_t?
        var isClosed = false
    }

    /// Readable when messages of other threads wait.
    let descriptor: Int32
    private let state = Mutex(State())

    init() throws(SystemCallError) {
        self.descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard self.descriptor >= 0 else { throw SystemCallError("eventfd") }
    }

    deinit {
        Glibc.close(self.descriptor)
    }

    func post(_ message: Message) {
        _ = self.deliver(message)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if !self.deliver(.job(job)) {
            // What outlives the loop has to come to its end all the same.
            globalConcurrentExecutor.enqueue(job)
        }
    }

    /// - Returns: false when nobody reads any more.
    private func deliver(_ message: Message) -> Bool {
        let (isDelivered, isAsleep) = self.state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.messages.append(message)
            // The reader itself looks again before it sleeps.
            return (true, state.messages.count == 1 && state.reader != pthread_self())
        }
        if isAsleep { _ = eventfd_write(self.descriptor, 1) }
        return isDelivered
    }

    /// Makes the calling thread the reader.
    func open() {
        self.state.withLock { $0.reader = pthread_self() }
    }

    /// Takes no more messages; jobs that have not run go to Swift's own threads.
    func close() {
        let rest = self.state.withLock { state in
            state.isClosed = true
            defer { state.messages = [] }
            return state.messages
        }
        for case .job(let job) in rest {
            globalConcurrentExecutor.enqueue(job)
        }
    }

    var isEmpty: Bool { self.state.withLock { $0.messages.isEmpty } }

    /// Takes all messages.
    func collect() -> [Message] {
        var count: eventfd_t = 0
        _ = eventfd_read(self.descriptor, &count)
        return self.state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }
}
