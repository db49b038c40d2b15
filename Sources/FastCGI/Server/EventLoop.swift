import CLinux
import Glibc
import Logging
import NIOCore

/// The one thread that does all input and output of a server: it accepts, reads, has libfcgi read and write, and sends.
///
/// Nothing in it waits but the poller. Responders run as tasks on the same thread, in the pieces between their own waits,
/// or on Swift's own threads, and put their answers into the executor.
final class EventLoop {
    typealias Handler = nonisolated(nonsending) @Sendable (GatewayRequest, ResponseStream) async -> GatewayAnswer

    /// Deadlines are looked at this often.
    private static let tick = 250
    /// Pieces of responders that run before the sockets get their turn.
    private static let jobsAtATime = 256
    /// Pieces that run before the answers that they made are sent.
    private static let jobsBeforeSending = 8
    static let listenerToken = UInt64.max
    static let executorToken = UInt64.max - 1

    let limits: ServerLimits
    let executor: EventLoopExecutor
    /// Where responders run; nil for Swift's own threads.
    let responderExecutor: EventLoopExecutor?
    let handler: Handler
    let logger: Logger
    let clock = ContinuousClock()
    let isUnix: Bool
    var listener: Listener?
    let requestReader: FCGXReader
    let poller: Poller
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    var connections: [Int32: Connection] = [:]
    var generation: UInt32 = 0
    var inFlight = 0
    private var jobs: [UnownedJob] = []
    private var nextJob = 0
    /// The records of the latest whole answer.
    var answerBuffer: [UInt8] = []
    /// Empty, with room for the next answers.
    var spareAnswers: [(replyAddress: EventLoopExecutor.ReplyAddress, event: EventLoopExecutor.AnswerEvent)] = []
    var isAccepting = false
    var nextCheck: ContinuousClock.Instant
    var nextWarning: ContinuousClock.Instant
    var shutdownDeadline: ContinuousClock.Instant?

    init(
        listener: consuming Listener,
        executor: EventLoopExecutor,
        placement: ResponderPlacement,
        limits: ServerLimits,
        logger: Logger,
        handler: @escaping Handler
    ) throws(SystemCallError) {
        var limits = limits
        limits.maxConnections = DescriptorLimit.connections(wanted: limits.maxConnections)
        self.limits = limits
        self.executor = executor
        self.responderExecutor = placement == .eventLoop ? executor : nil
        self.handler = handler
        self.logger = logger
        self.requestReader = try FCGXReader()
        self.poller = try Poller()
        self.nextCheck = self.clock.now
        self.nextWarning = self.nextCheck
        self.isUnix = listener.isUnix
        self.listener = consume listener
        try self.poller.add(executor.descriptor, token: Self.executorToken, .read)
        self.resumeAccepting()
    }

    deinit {
        self.readBuffer.deallocate()
    }

    /// Runs until a shutdown has come to its end.
    ///
    /// - Returns: how many requests were cut off by the shutdown's deadline.
    func run() throws(SystemCallError) -> Int {
        self.executor.open()
        defer {
            self.executor.close()
            for job in self.jobs[self.nextJob...] { globalConcurrentExecutor.enqueue(job) }
        }
        while true {
            for index in 0..<(try self.poller.wait(milliseconds: self.patience)) {
                let event = self.poller[index]
                switch event.token {
                case Self.listenerToken: self.acceptConnections()
                case Self.executorToken: self.executor.silence()
                default: self.handle(event)
                }
                self.sendAnswers()
            }
            self.readMessages()
            self.runJobs()
            self.checkDeadlines()
            if let deadline = self.shutdownDeadline {
                if self.connections.isEmpty, self.inFlight == 0 { return 0 }
                if self.clock.now >= deadline { return self.cutOff() }
            }
        }
    }

    private func readMessages() {
        let messages = self.executor.collect()
        self.jobs.append(contentsOf: messages.jobs)
        for (replyAddress, event) in messages.answers { self.answer(replyAddress, event) }
        for command in messages.commands {
            switch command {
            case .shutDown: self.beginShutdown()
            case .stop: self.shutdownDeadline = self.clock.now
            }
        }
    }

    /// Runs some of the jobs that are ready, and sends the answers a few at a time.
    ///
    /// Each answer by itself would wake a web server that has fallen asleep since the one before. A thousand answers made first and
    /// sent then would all arrive at once, and so would the next requests: the machine would idle and drown by turns.
    private func runJobs() {
        let end = min(self.nextJob + Self.jobsAtATime, self.jobs.count)
        while self.nextJob < end {
            self.jobs[self.nextJob].runSynchronously(on: self.executor.asUnownedTaskExecutor())
            self.nextJob += 1
            if self.nextJob.isMultiple(of: Self.jobsBeforeSending) { self.sendAnswers() }
        }
        self.sendAnswers()
        // Moving the rest up once in a while keeps the queue short at a constant cost a job.
        guard self.nextJob * 2 >= self.jobs.count else { return }
        self.jobs.removeFirst(self.nextJob)
        self.nextJob = 0
    }

    /// How many milliseconds to wait for events at the most; nil for ever.
    private var patience: Int32? {
        guard self.jobs.isEmpty, self.executor.isEmpty else { return 0 }
        let isTicking = !self.connections.isEmpty || self.shutdownDeadline != nil || !self.isAccepting
        return isTicking ? Int32(Self.tick) : nil
    }

    /// Ends a connection before its time; a responder at work for it is cancelled.
    func drop(_ connection: Connection) {
        connection.cancelResponder()
        self.close(connection)
    }

    func close(_ connection: Connection) {
        if !self.isUnix {
            // Over TCP, closing with bytes unread would reset the connection and lose the end of the answer.
            shutdown(connection.id.descriptor, Int32(SHUT_WR))
            _ = recv(connection.id.descriptor, self.readBuffer.baseAddress, self.readBuffer.count, Int32(MSG_DONTWAIT))
        }
        Glibc.close(connection.id.descriptor)
        self.forget(connection)
    }

    /// Ends a connection whose answer is sent, so that the peer gets all of it.
    ///
    /// A peer that is still sending what nobody wants would be reset, over a unix socket too, and lose the answer that it
    /// has not read yet. So that is read, for a while.
    func closeAfterAnswer(_ connection: Connection) {
        guard connection.reader.isDiscarding, !connection.isInputClosed, self.shutdownDeadline == nil else {
            return self.close(connection)
        }
        shutdown(connection.id.descriptor, Int32(SHUT_WR))
        connection.state = .draining
        connection.deadline = self.clock.now + self.limits.readTimeout
        self.updateInterest(connection)
    }

    func forget(_ connection: Connection) {
        self.connections[connection.id.descriptor] = nil
        connection.isOpen = false
        if !self.isAccepting { self.resumeAccepting() }
    }

    func checkDeadlines() {
        let now = self.clock.now
        guard now >= self.nextCheck else { return }
        self.nextCheck = now + .milliseconds(Self.tick)
        for connection in self.connections.values {
            if let deadline = connection.deadline, deadline <= now {
                self.drop(connection)
            } else {
                self.updateInterest(connection, isTick: true)
            }
        }
        if !self.isAccepting { self.resumeAccepting() }
    }

    func beginShutdown() {
        guard self.shutdownDeadline == nil else { return }
        self.logger.debug("shutting down", metadata: ["requests.in.flight": "\(self.inFlight)"])
        self.shutdownDeadline = self.clock.now + self.limits.shutdownTimeout
        self.listener?.unpublish()
        // Whoever is connected already is served; beyond the limit, only when nobody else could.
        let isInherited = self.listener?.isInherited ?? false
        while !isInherited || self.connections.count < self.limits.maxConnections {
            guard self.acceptConnection() else { break }
            self.sendAnswers()
        }
        self.pauseAccepting()
        self.listener = nil
        let grace = self.clock.now + .milliseconds(250)
        for connection in self.connections.values {
            // A web server sends a request as a whole, so who is not done by then is no web server.
            switch connection.state {
            case .idle, .reading, .draining: connection.deadline = grace
            case .responding, .streaming, .writing: break
            }
        }
    }

    /// Says so at most once a second: under overload there is a reason for every request.
    func warn(_ message: Logger.Message, limit: Int) {
        guard self.clock.now >= self.nextWarning else { return }
        self.nextWarning = self.clock.now + .seconds(1)
        self.logger.warning(message, metadata: ["limit": "\(limit)"])
    }

    func cutOff() -> Int {
        for connection in self.connections.values {
            if case .streaming = connection.state, connection.unsent.isEmpty {
                connection.unsent = ManagementReply.brokenAnswer[...]
                _ = connection.flush()
            }
            self.drop(connection)
        }
        return self.inFlight
    }
}
