import Logging
import NIOCore

/// From a request to its responder, and from an answer to bytes.
extension EventLoop {
    /// Records that one connection is sent before the others get their turn.
    private static let recordsAtATime = 16

    func dispatch(_ validated: ValidatedRequest, on connection: Connection) {
        connection.keepConnection = validated.keepConnection
        let isAnswered = validated.problem == nil && self.inFlight < self.limits.maxInFlight
        let read: GatewayRequest?
        do {
            // The body of a request that is refused is for nobody.
            let hasBody = isAnswered && connection.reader.bodyBytes > 0
            read = try self.requestReader.read(validated.records, hasBody: hasBody)
        } catch {
            self.logger.error("cannot hand a request to libfcgi", metadata: ["error": "\(error)"])
            return self.drop(connection)
        }
        guard let gatewayRequest = read else {
            self.logger.info("libfcgi refused a request")
            return self.drop(connection)
        }
        if let problem = validated.problem { return self.finish(with: .refusing(problem), on: connection) }
        guard isAnswered else {
            self.warn("too many requests in flight", limit: self.limits.maxInFlight)
            return self.finish(with: .overloaded, on: connection)
        }
        self.inFlight += 1
        connection.deadline = nil
        connection.request &+= 1
        let replyAddress = EventLoopExecutor.ReplyAddress(connection: connection.id, request: connection.request)
        let stream = ResponseStream { [executor] in executor.post(.pieces, to: replyAddress) }
        let task: Task<Void, Never>
        if let responderExecutor {
            // On this thread at once, up to the first wait.
            task = Task.immediate(executorPreference: responderExecutor) { [handler, executor] in
                executor.post(.ended(await handler(gatewayRequest, stream)), to: replyAddress)
            }
        } else {
            task = Task { [handler, executor] in
                executor.post(.ended(await handler(gatewayRequest, stream)), to: replyAddress)
            }
        }
        connection.state = .responding(task, stream)
    }

    /// Sends the answers that responders have made on this thread.
    func sendAnswers() {
        var answers = self.spareAnswers
        self.spareAnswers = []
        self.executor.collectAnswers(into: &answers)
        for (replyAddress, event) in answers { self.answer(replyAddress, event) }
        answers.removeAll(keepingCapacity: true)
        self.spareAnswers = answers
    }

    func answer(_ replyAddress: EventLoopExecutor.ReplyAddress, _ event: EventLoopExecutor.AnswerEvent) {
        if case .ended = event { self.inFlight -= 1 }
        let id = replyAddress.connection
        guard let connection = self.connections[id.descriptor], connection.id == id,
            connection.request == replyAddress.request
        else { return }
        switch (event, connection.state) {
        case (.ended(.whole(let response)), .responding):
            self.finish(with: response, on: connection)
        case (.pieces, .responding(let task, let stream)):
            guard let head = stream.begin() else { return }
            connection.state = .streaming(task, stream)
            self.send(RecordHeader.standardOutput(head, id: connection.reader.requestID), on: connection)
        case (.pieces, .streaming):
            self.continueSending(connection)
        case (.ended(.streamed), .streaming):
            connection.ending = ManagementReply.endOfAnswer(connection.reader.requestID)
            self.continueSending(connection)
        case (.ended, .streaming):
            connection.ending = ManagementReply.brokenAnswer
            connection.isLeaving = true
            self.continueSending(connection)
        default:
            return
        }
        self.proceed(connection)
    }

    func finish(with response: GatewayResponse, on connection: Connection) {
        connection.state = .writing
        connection.deadline = nil
        let id = connection.reader.requestID
        guard connection.unsent.isEmpty, response.size <= RecordHeader.maxAlignedLength else {
            connection.body = response.body
            connection.ending = ManagementReply.endOfAnswer(id)
            return self.send(RecordHeader.standardOutput(response.head, id: id), on: connection)
        }
        // In memory that is used again as soon as all is sent, which it mostly is at once.
        self.answerBuffer.removeAll(keepingCapacity: true)
        RecordHeader.appendStandardOutput(id: id, to: &self.answerBuffer) { response.append(to: &$0) }
        ManagementReply.appendEndOfAnswer(id, to: &self.answerBuffer)
        connection.unsent = self.answerBuffer[...]
        self.continueSending(connection)
    }

    /// Sends records behind those that are unsent.
    func send(_ records: [UInt8], on connection: Connection) {
        if connection.unsent.isEmpty {
            connection.unsent = records[...]
        } else {
            connection.unsent += records
        }
        self.continueSending(connection)
    }

    func continueSending(_ connection: Connection) {
        // What a fast reader asks for without end must not keep the others waiting.
        for _ in 0..<Self.recordsAtATime {
            let before = connection.unsent.count
            guard connection.flush() else { return self.drop(connection) }
            let hasMoved = connection.unsent.count < before
            if !connection.unsent.isEmpty { return self.waitForReader(connection, hasMoved: hasMoved) }
            guard connection.prepareNextRecord() else { return self.afterSending(connection) }
        }
        self.waitForReader(connection, hasMoved: true)
    }

    /// Gives the peer the time to read on, from its last progress.
    private func waitForReader(_ connection: Connection, hasMoved: Bool) {
        switch connection.state {
        case .writing, .streaming:
            guard hasMoved || connection.deadline == nil else { return }
            connection.deadline = self.clock.now + self.limits.writeTimeout
        case .idle, .reading, .responding, .draining: break
        }
    }

    private func afterSending(_ connection: Connection) {
        if connection.isLeaving { return self.close(connection) }
        switch connection.state {
        case .writing: self.afterAnswer(connection)
        // It is the responder's turn, which has limits of its own.
        case .streaming: connection.deadline = nil
        case .idle, .reading, .responding, .draining: break
        }
    }

    func afterAnswer(_ connection: Connection) {
        guard connection.keepConnection, self.shutdownDeadline == nil else {
            return self.closeAfterAnswer(connection)
        }
        connection.reader.finishRequest()
        connection.state = .idle
        connection.deadline = self.clock.now + self.limits.idleTimeout
    }

    /// Waits for whatever may happen next on a connection.
    ///
    /// A peer that waits for its answer has nothing more to say, and most answers are there before the next tick. Until
    /// then a new connection costs no call of the poller.
    func updateInterest(_ connection: Connection, isTick: Bool = false) {
        if !isTick, connection.interest == nil, connection.unsent.isEmpty, case .responding = connection.state {
            return
        }
        let interest: Poller.Interest =
            connection.unsent.isEmpty ? (connection.wantsInput ? .read : .hangUp) : .write
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
}
