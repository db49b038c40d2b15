import CLinux
import Glibc
import Logging

/// Taking connections from the listening socket.
extension EventLoop {
    /// Connections that are taken before those that are open get their turn.
    private static let acceptsAtATime = 64

    func resumeAccepting() {
        guard !self.isAccepting, let descriptor = self.listener?.descriptor else { return }
        do {
            try self.poller.add(descriptor, token: Self.listenerToken, .read)
            self.isAccepting = true
        } catch {
            self.logger.error("cannot wait for connections", metadata: ["error": "\(error)"])
        }
    }

    func pauseAccepting() {
        guard self.isAccepting, let descriptor = self.listener?.descriptor else { return }
        self.poller.remove(descriptor)
        self.isAccepting = false
    }

    func acceptConnections() {
        for _ in 0..<Self.acceptsAtATime {
            guard self.connections.count < self.limits.maxConnections else {
                self.warn("too many connections", limit: self.limits.maxConnections)
                return self.pauseAccepting()
            }
            guard self.acceptConnection() else { return }
            self.sendAnswers()
        }
    }

    /// - Returns: false when there is nothing more to accept now.
    func acceptConnection() -> Bool {
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
                self.warn("cannot accept a connection: \(SystemCallError("accept4"))", limit: self.connections.count)
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
}
