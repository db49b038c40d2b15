import CLinux
import Glibc
import Locking

/// The way to the thread of the event loop, which sleeps in its poller: messages for the loop, and jobs to run on it.
///
/// As an executor it lets responders run where the input and output is done. A page then costs no change of threads, and
/// a thousand that wait for the same answer are finished one after the other, without a wake-up for each.
final class EventLoopExecutor: TaskExecutor {
    enum Command: Sendable {
        /// Accept nothing more, finish what is in flight.
        case shutDown
        /// Let everything go.
        case stop
    }

    /// Whom an answer is for.
    struct ReplyAddress: Sendable {
        let connection: ConnectionID
        /// Which of the requests of the connection.
        let request: UInt32
    }

    enum AnswerEvent: Sendable {
        /// There are pieces in the stream of the answer.
        case pieces
        /// The responder has done its work.
        case ended(GatewayAnswer)
    }

    /// What has come in since the loop looked last.
    struct Messages: Sendable {
        /// Parts of responders that are ready to run.
        var jobs: [UnownedJob] = []
        /// What happened to the answers to the requests of connections.
        var answers: [(replyAddress: ReplyAddress, event: AnswerEvent)] = []
        var commands: [Command] = []

        var isEmpty: Bool { self.jobs.isEmpty && self.answers.isEmpty && self.commands.isEmpty }
    }

    private struct State {
        var messages = Messages()
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

    func post(_ command: Command) {
        _ = self.deliver { $0.commands.append(command) }
    }

    func post(_ event: AnswerEvent, to replyAddress: ReplyAddress) {
        _ = self.deliver { $0.answers.append((replyAddress, event)) }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if !self.deliver({ $0.jobs.append(job) }) {
            // What outlives the loop has to come to its end all the same.
            globalConcurrentExecutor.enqueue(job)
        }
    }

    /// - Returns: false when nobody reads any more.
    private func deliver(_ put: (inout Messages) -> Void) -> Bool {
        let (isDelivered, isAsleep) = self.state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            // The reader itself looks again before it sleeps.
            let isAsleep = state.messages.isEmpty && state.reader != pthread_self()
            put(&state.messages)
            return (true, isAsleep)
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
            defer { state.messages = Messages() }
            return state.messages
        }
        for job in rest.jobs {
            globalConcurrentExecutor.enqueue(job)
        }
    }

    var isEmpty: Bool { self.state.withLock { $0.messages.isEmpty } }

    /// Takes all messages.
    func collect() -> Messages {
        self.state.withLock { state in
            defer { state.messages = Messages() }
            return state.messages
        }
    }

    /// Takes what is about answers alone, and leaves an empty list in its place.
    func collectAnswers(into answers: inout [(replyAddress: ReplyAddress, event: AnswerEvent)]) {
        self.state.withLock { swap(&$0.messages.answers, &answers) }
    }

    /// Makes the descriptor unreadable until the next message of another thread.
    func silence() {
        var count: eventfd_t = 0
        _ = eventfd_read(self.descriptor, &count)
    }
}
