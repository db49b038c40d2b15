import CLinux
import Glibc
import Logging
import NIOCore

/// The one thread that does all input and output of a server: it accepts, reads, has libfcgi read and write, and sends.
///
/// Nothing in it waits but the poller. Responders run as tasks and put their answers into the mailbox.
final class EventLoop {
    typealias Handler = @Sendable (GatewayRequest) async -> GatewayResponse

    /// Deadlines are looked at this often.
    private static let tick: Int32 = 250
    private static let listenerToken = UInt64.max
    private static let mailboxToken = UInt64.max - 1
    private static let acceptsAtATime = 64

    private let limits: ServerLimits
    private let mailbox: Mailbox
    private let handler: Handler
    private let logger: Logger
    private let clock = ContinuousClock()
    private var listener: Listener?
    private var spool: Spool
    private let poller: Poller
    private let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    private var connections: [Int32: Connection] = [:]
    private var generation: UInt32 = 0
    private var inFlight = 0
    private var isAccepting = false
    private var shutdownDeadline: ContinuousClock.Instant?

    init(
        listener: consuming Listener,
        mailbox: Mailbox,
        limits: ServerLimits,
        logger: Logger,
        handler: @escaping Handler
    ) throws(SystemCallError) {
        self.limits = limits
        self.mailbox = mailbox
        self.handler = handler
        self.logger = logger
        self.spool = try Spool()
        self.poller = try Poller()
        self.listener = consume listener
        try self.poller.add(mailbox.descriptor, token: Self.mailboxToken, .read)
        self.resumeAccepting()
    }

    deinit {
        self.readBuffer.deallocate()
    }

    /// Runs until a shutdown has come to its end.
    ///
    /// - Returns: how many requests were cut off by the shutdown's deadline.
    func run() throws(SystemCallError) -> Int {
        while true {
            let isTicking = !self.connections.isEmpty || self.shutdownDeadline != nil || !self.isAccepting
            for event in try self.poller.wait(milliseconds: isTicking ? Self.tick : nil) {
                switch event.token {
                case Self.listenerToken: self.acceptConnections()
                case Self.mailboxToken: break
                default: self.handle(event)
                }
            }
            for message in self.mailbox.collect() {
                switch message {
                case .response(let id, let response): self.answer(id, response)
                case .shutDown: self.beginShutdown()
                case .stop: self.shutdownDeadline = self.clock.now
                }
            }
            self.checkDeadlines()
            if let deadline = self.shutdownDeadline {
                if self.connections.isEmpty, self.inFlight == 0 { return 0 }
                if self.clock.now >= deadline { return self.cutOff() }
            }
        }
    }

    // MARK: Accepting

    private func resumeAccepting() {
        guard !self.isAccepting, let descriptor = self.listener?.descriptor else { return }
        do {
            try self.poller.add(descriptor, token: Self.listenerToken, .read)
            self.isAccepting = true
        } catch {
            self.logger.error("cannot wait for connections", metadata: ["error": "\(error)"])
        }
    }

    private func pauseAccepting() {
        guard self.isAccepting, let descriptor = self.listener?.descriptor else { return }
        self.poller.remove(descriptor)
        self.isAccepting = false
    }

    private func acceptConnections() {
        for _ in 0..<Self.acceptsAtATime {
            guard self.connections.count < self.limits.maxConnections else {
                self.logger.warning("too many connections", metadata: ["limit": "\(self.limits.maxConnections)"])
                return self.pauseAccepting()
            }
            guard self.acceptConnection() else { return }
        }
    }

    /// - Returns: false when there is nothing more to accept now.
    private func acceptConnection() -> Bool {
        guard let listener = self.listener?.descriptor else { return false }
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = accept4(listener, nil, nil, flags)
        guard descriptor >= 0 else {
            switch errno {
            case EINTR, ECONNABORTED:
                return true
            case EAGAIN:
                return false
            default:
                // No descriptor or no memory left: the next tick tries again, when some may be free.
                self.logger.error("cannot accept a connection", metadata: ["error": "\(SystemCallError("accept4"))"])
                self.pauseAccepting()
                return false
            }
        }
        self.generation &+= 1
        // The two largest tokens are taken.
        if self.generation == .max { self.generation = 0 }
        let connection = Connection(
            id: ConnectionID(descriptor: descriptor, generation: self.generation),
            limits: self.limits
        )
        connection.deadline = self.clock.now + self.limits.readTimeout
        self.connections[descriptor] = connection
        // A web server sends its request together with the connection.
        self.read(connection)
        return true
    }

    // MARK: Reading

    private func handle(_ event: Poller.Event) {
        let id = ConnectionID(token: event.token)
        guard let connection = self.connections[id.descriptor], connection.id == id else { return }
        if event.isReadable, !connection.isInputClosed { self.read(connection) }
        guard self.isOpen(connection) else { return }
        if event.isHangUp { return self.drop(connection) }
        if event.isWritable { self.continueWriting(connection) }
    }

    private func isOpen(_ connection: Connection) -> Bool {
        self.connections[connection.id.descriptor] === connection
    }

    private func read(_ connection: Connection) {
        reading: while true {
            switch connection.read(into: self.readBuffer) {
            case .bytes(let count):
                self.process(connection)
                guard self.isOpen(connection) else { return }
                if count < self.readBuffer.count { break reading }
            case .nothing:
                break reading
            case .end:
                self.endInput(connection)
                guard self.isOpen(connection) else { return }
                break reading
            case .broken:
                return self.drop(connection)
            }
        }
        self.updateInterest(connection)
    }

    /// Takes whatever the records that have arrived amount to.
    private func process(_ connection: Connection) {
        do {
            while self.isOpen(connection), let event = try connection.reader.next() {
                self.perform(event, on: connection)
            }
        } catch {
            self.logger.info("closed a connection that broke the protocol", metadata: ["violation": "\(error)"])
            return self.drop(connection)
        }
        if case .idle = connection.state, self.isOpen(connection), !connection.reader.isIdle {
            connection.state = .reading
            connection.deadline = self.clock.now + self.limits.readTimeout
        }
    }

    private func perform(_ event: RecordReader.Event, on connection: Connection) {
        switch event {
        case .request(let request):
            self.dispatch(request, on: connection)
        case .reply(let bytes):
            self.send(bytes, on: connection)
        case .farewell(let bytes):
            connection.isLeaving = true
            self.send(bytes, on: connection)
        case .abort:
            self.logger.debug("the web server aborted a request")
            self.drop(connection)
        }
    }

    private func endInput(_ connection: Connection) {
        connection.isInputClosed = true
        if let event = connection.reader.endOfInput() {
            return self.perform(event, on: connection)
        }
        switch connection.state {
        case .idle, .reading: self.drop(connection)
        // Over TCP a peer that closes looks like one that has only finished sending.
        case .responding where self.listener?.isUnix == false: self.drop(connection)
        case .responding, .writing: break
        }
    }

    // MARK: Answering

    private func dispatch(_ vetted: VettedRequest, on connection: Connection) {
        connection.keepConnection = vetted.keepConnection
        let request: FCGXRequest?
        do {
            request = try FCGXRequest(vetted.records, spool: &self.spool)
        } catch {
            self.logger.error("cannot hand a request to libfcgi", metadata: ["error": "\(error)"])
            return self.drop(connection)
        }
        guard let request else {
            self.logger.info("libfcgi refused a request")
            return self.drop(connection)
        }
        if let problem = vetted.problem {
            return self.finish(request, with: .refusing(problem), on: connection)
        }
        guard self.inFlight < self.limits.maxInFlight else {
            self.logger.warning("too many requests in flight", metadata: ["limit": "\(self.limits.maxInFlight)"])
            return self.finish(request, with: .overloaded, on: connection)
        }
        let gatewayRequest = GatewayRequest(
            interface: .fastCGI,
            variables: request.metaVariables(),
            body: request.readBody()
        )
        self.inFlight += 1
        connection.deadline = nil
        let task = Task { [handler, mailbox, id = connection.id] in
            mailbox.post(.response(id, await handler(gatewayRequest)))
        }
        connection.state = .responding(request, task)
    }

    private func answer(_ id: ConnectionID, _ response: GatewayResponse) {
        self.inFlight -= 1
        guard let connection = self.connections[id.descriptor], connection.id == id,
            case .responding(let request, _) = connection.state
        else { return }
        self.finish(request, with: response, on: connection)
        guard self.isOpen(connection) else { return }
        self.updateInterest(connection)
    }

    private func finish(_ request: FCGXRequest, with response: GatewayResponse, on connection: Connection) {
        do {
            switch try request.finish(response.bytes, socket: connection.id.descriptor, spool: &self.spool) {
            case .sent: self.afterAnswer(connection)
            case .pending(let bytes): self.startWriting(bytes, on: connection)
            case .socketClosed: self.forget(connection)
            }
        } catch {
            self.logger.error("cannot write an answer", metadata: ["error": "\(error)"])
            self.drop(connection)
        }
    }

    private func startWriting(_ bytes: [UInt8], on connection: Connection) {
        connection.deadline = self.clock.now + self.limits.writeTimeout
        connection.state = .writing(bytes, sent: 0)
        self.continueWriting(connection)
    }

    private func continueWriting(_ connection: Connection) {
        guard case .writing(let bytes, let sent) = connection.state else { return }
        switch connection.write(bytes[sent...]) {
        case .broken:
            self.drop(connection)
        case .written(let count) where sent + count == bytes.count:
            self.afterAnswer(connection)
        case .written(let count):
            connection.state = .writing(bytes, sent: sent + count)
            self.updateInterest(connection)
        }
    }

    /// Sends a record that is not part of an answer.
    ///
    /// Such a record is tiny; a peer that has no room for it is dropped.
    private func send(_ bytes: [UInt8], on connection: Connection) {
        guard case .written(bytes.count) = connection.write(bytes[...]) else { return self.drop(connection) }
        if connection.isLeaving { self.close(connection) }
    }

    private func afterAnswer(_ connection: Connection) {
        guard connection.keepConnection, !connection.isInputClosed, self.shutdownDeadline == nil else {
            return self.close(connection)
        }
        connection.reader.finishRequest()
        connection.state = .idle
        connection.deadline = self.clock.now + self.limits.idleTimeout
        self.process(connection)
        guard self.isOpen(connection) else { return }
        self.updateInterest(connection)
    }

    private func updateInterest(_ connection: Connection) {
        let interest: Poller.Interest
        if case .writing = connection.state {
            interest = .write
        } else {
            interest = connection.isInputClosed ? .hangUp : .read
        }
        guard interest != connection.interest else { return }
        do {
            if connection.interest == nil {
                try self.poller.add(connection.id.descriptor, token: connection.id.token, interest)
            } else {
                try self.poller.change(connection.id.descriptor, token: connection.id.token, interest)
            }
            connection.interest = interest
        } catch {
            self.logger.error("cannot wait for a connection", metadata: ["error": "\(error)"])
            self.drop(connection)
        }
    }

    // MARK: Ending

    /// Ends a connection before its time; a responder at work for it is cancelled.
    private func drop(_ connection: Connection) {
        if case .responding(_, let task) = connection.state { task.cancel() }
        self.close(connection)
    }

    private func close(_ connection: Connection) {
        // Over TCP, closing with bytes unread would reset the connection and lose the end of the answer.
        shutdown(connection.id.descriptor, Int32(SHUT_WR))
        _ = recv(connection.id.descriptor, self.readBuffer.baseAddress, self.readBuffer.count, Int32(MSG_DONTWAIT))
        Glibc.close(connection.id.descriptor)
        self.forget(connection)
    }

    private func forget(_ connection: Connection) {
        self.connections[connection.id.descriptor] = nil
        if !self.isAccepting { self.resumeAccepting() }
    }

    private func checkDeadlines() {
        let now = self.clock.now
        for connection in self.connections.values {
            guard let deadline = connection.deadline, deadline <= now else { continue }
            self.drop(connection)
        }
        if !self.isAccepting { self.resumeAccepting() }
    }

    private func beginShutdown() {
        guard self.shutdownDeadline == nil else { return }
        self.shutdownDeadline = self.clock.now + self.limits.shutdownTimeout
        self.listener?.unpublish()
        // Whoever is connected already is served.
        while self.acceptConnection() {}
        self.pauseAccepting()
        self.listener = nil
        let grace = self.clock.now + .milliseconds(250)
        for connection in self.connections.values {
            guard case .idle = connection.state else { continue }
            connection.deadline = grace
        }
    }

    private func cutOff() -> Int {
        for connection in self.connections.values {
            self.drop(connection)
        }
        return self.inFlight
    }
}
