import Logging

/// From a request to its responder, and from an answer to bytes.
extension EventLoop {
    func dispatch(_ vetted: VettedRequest, on connection: Connection) {
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
        let task = Task(executorPreference: self.mailbox) { [handler, mailbox, id = connection.id] in
            mailbox.post(await handler(gatewayRequest), to: id)
        }
        connection.state = .responding(request, task)
    }

    func answer(_ id: ConnectionID, _ response: GatewayResponse) {
        self.inFlight -= 1
        guard let connection = self.connections[id.descriptor], connection.id == id,
            case .responding(let request, _) = connection.state
        else { return }
        self.finish(request, with: response, on: connection)
        self.proceed(connection)
    }

    func finish(_ request: FCGXRequest, with response: GatewayResponse, on connection: Connection) {
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

    func startWriting(_ bytes: [UInt8], on connection: Connection) {
        connection.deadline = self.clock.now + self.limits.writeTimeout
        connection.state = .writing(bytes, sent: 0)
        self.continueWriting(connection)
    }

    func continueWriting(_ connection: Connection) {
        guard case .writing(let bytes, let sent) = connection.state else { return }
        switch connection.write(bytes[sent...]) {
        case .broken:
            self.drop(connection)
        case .written(let count) where sent + count == bytes.count:
            self.afterAnswer(connection)
        case .written(let count):
            connection.state = .writing(bytes, sent: sent + count)
        }
    }

    /// Sends a record that is not part of an answer.
    ///
    /// Such a record is tiny; a peer that has no room for it is dropped.
    func send(_ bytes: [UInt8], on connection: Connection) {
        guard case .written(bytes.count) = connection.write(bytes[...]) else { return self.drop(connection) }
        if connection.isLeaving { self.close(connection) }
    }

    func afterAnswer(_ connection: Connection) {
        guard connection.keepConnection, !connection.isInputClosed, self.shutdownDeadline == nil else {
            return self.close(connection)
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
        if connection.interest == nil, !isTick, case .responding = connection.state { return }
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
}
