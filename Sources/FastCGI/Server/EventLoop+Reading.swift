import Logging
import NIOCore

/// From bytes to records to requests.
extension EventLoop {
    /// How often one connection may fill the buffer before the others get their turn.
    private static let readsAtATime = 16

    func handle(_ event: Poller.Event) {
        let id = ConnectionID(token: event.token)
        guard let connection = self.connections[id.descriptor], connection.id == id else { return }
        if event.isReadable { self.read(connection) }
        guard self.isOpen(connection) else { return }
        if event.isHangUp { return self.drop(connection) }
        guard event.isWritable else { return }
        self.continueSending(connection)
        self.proceed(connection)
    }

    /// After an answer the next request may be waiting, on a kept connection.
    func proceed(_ connection: Connection) {
        guard self.isOpen(connection) else { return }
        self.process(connection)
        guard self.isOpen(connection) else { return }
        self.updateInterest(connection)
    }

    func isOpen(_ connection: Connection) -> Bool {
        connection.isOpen
    }

    func read(_ connection: Connection) {
        reading: for _ in 0..<Self.readsAtATime where connection.wantsInput {
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

    /// Takes whatever the records that have arrived amount to, as long as what they are answered with can be sent.
    func process(_ connection: Connection) {
        do {
            while self.isOpen(connection), connection.unsent.isEmpty, let event = try connection.reader.next() {
                self.perform(event, on: connection)
                if connection.reader.isBetweenRequests { self.stopReading(connection) }
            }
        } catch {
            self.logger.info("closed a connection that broke the protocol", metadata: ["violation": "\(error)"])
            return self.drop(connection)
        }
        guard self.isOpen(connection), connection.unsent.isEmpty else { return }
        if connection.isInputClosed { return self.endInput(connection) }
        if connection.reader.isIdle {
            self.stopReading(connection)
        } else if case .idle = connection.state {
            connection.state = .reading
            connection.deadline = self.clock.now + self.limits.readTimeout
        }
    }

    /// What was being read is over without an answer, as after an abort: the deadline of a request no longer holds.
    private func stopReading(_ connection: Connection) {
        guard case .reading = connection.state else { return }
        connection.state = .idle
        connection.deadline = self.clock.now + self.limits.idleTimeout
    }

    func perform(_ event: RecordReader.Event, on connection: Connection) {
        switch event {
        case .request(let request):
            self.dispatch(request, on: connection)
        case .reply(let bytes):
            self.send(bytes, on: connection)
        case .farewell(let bytes):
            connection.isLeaving = true
            self.send(bytes, on: connection)
        case .abort(let reply):
            guard connection.cancelResponder() else { return }
            self.logger.debug("the web server aborted a request")
            connection.state = .writing
            connection.deadline = nil
            connection.body = ByteBuffer()
            connection.ending = []
            self.send(reply, on: connection)
        }
    }

    func endInput(_ connection: Connection) {
        connection.isInputClosed = true
        if let event = connection.reader.endOfInput() {
            return self.perform(event, on: connection)
        }
        switch connection.state {
        case .idle, .reading, .draining: self.drop(connection)
        // Over TCP a peer that closes looks like one that has only finished sending.
        case .responding where !self.isUnix, .streaming where !self.isUnix: self.drop(connection)
        case .responding, .streaming, .writing: break
        }
    }
}
