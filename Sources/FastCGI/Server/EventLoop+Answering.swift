import Logging

/// From a request to its responder, and from an answer to bytes.
extension EventLoop {
    func dispatch(_ validated: ValidatedRequest, on connection: Connection) {
        connection.keepConnection = validated.keepConnection
        let request: FCGXRequest?
        do {
            request = try FCGXRequest(validated.records, memoryFile: &self.memoryFile)
        } catch {
            self.logger.error("cannot hand a request to libfcgi", metadata: ["error": "\(error)"])
            return self.drop(connection)
        }
        guard let request else {
            self.logger.info("libfcgi refused a request")
            return self.drop(connection)
        }
        if let problem = validated.problem {
            return self.finish(request, with: .refusing(problem), on: connection)
        }
        guard self.inFlight < self.limits.maxInFlight else {
            self.warn("too many requests in flight", limit: self.limits.maxInFlight)
            return self.finish(request, with: .overloaded, on: connection)
        }
        let gatewayRequest = GatewayRequest(
            interface: .fastCGI,
            variables: request.metaVariables(),
            body: request.readBody()
        )
        self.inFlight += 1
        connection.deadline = nil
        connection.request &+= 1
        let replyAddress = EventLoopExecutor.ReplyAddress(connection: connection.id, request: connection.request)
        let task = Task(executorPreference: self.executor) { [handler, executor] in
            executor.post(await handler(gatewayRequest), to: replyAddress)
        }
        connection.state = .responding(request, task)
    }

    func answer(_ replyAddress: EventLoopExecutor.ReplyAddress, _ response: GatewayResponse) {
        self.inFlight -= 1
        let id = replyAddress.connection
        guard let connection = self.connections[id.descriptor], connection.id == id,
            connection.request == replyAddress.request, case .responding(let request, _) = connection.state
        else { return }
        self.finish(request, with: response, on: connection)
        self.proceed(connection)
    }

    func finish(_ request: FCGXRequest, with response: GatewayResponse, on connection: Connection) {
        do {
            switch try request.finish(response.bytes, socket: connection.emptySocket(), memoryFile: &self.memoryFile) {
            case .sent: self.afterAnswer(connection)
            case .pending(let bytes): self.finish(with: bytes, on: connection)
            case .socketClosed: self.forget(connection)
            }
        } catch {
            self.logger.error("cannot write an answer", metadata: ["error": "\(error)"])
            self.drop(connection)
        }
    }

    /// Sends the records that end a request.
    func finish(with records: [UInt8], on connection: Connection) {
        connection.state = .writing
        connection.deadline = self.clock.now + self.limits.writeTimeout
        self.send(records, on: connection)
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
        guard connection.flush() else { return self.drop(connection) }
        guard connection.unsent.isEmpty else { return }
        if connection.isLeaving {
            self.close(connection)
        } else if case .writing = connection.state {
            self.afterAnswer(connection)
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
