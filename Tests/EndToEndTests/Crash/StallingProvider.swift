import CLinux
import Foundation
import Locking
import TestSupport

/// An OAuth provider on 127.0.0.1 that can stop in the middle of a call, for as long as a test wants, and keeps books.
///
/// Whoever asks is answered on a thread and a connection of their own.
final class StallingProvider: Sendable {
    /// Where a call stops.
    enum Stall: Sendable, Hashable {
        /// The connection stands, and nothing has been read of it.
        case connected
        /// Some of the request has been read, and nothing done.
        case midRequest
        /// All of it has been read and what it asks for has been done.
        case done
        /// The first byte of the answer is out.
        case firstByte
        /// All of the answer is out.
        case answered
    }

    /// What a call gets instead of tokens.
    enum Fault: Sendable, Hashable {
        case slow(Duration)
        case status(Int, retryAfter: Int?)
        /// 200 after everything was done, with half of the tokens.
        case unreadable
    }

    struct State: Sendable {
        var ledger: GrantLedger
        /// The next call stops here.
        var stall: Stall?
        /// Whether a call has come to where it stops.
        var isReached = false
        var isReleased = false
        var faults: [Fault] = []
        /// When calls came, and how many were under way at a time.
        var calls: [ContinuousClock.Instant] = []
        var underWay = 0
        var mostUnderWay = 0
        fileprivate(set) var connections = 0
        fileprivate var takesConnections = true
        fileprivate(set) var isStopped = false
    }

    let port: Int
    private let listener: Int32
    private let mutex: Mutex<State>

    init(kind: GrantLedger.Kind) throws {
        self.mutex = Mutex(State(ledger: GrantLedger(kind: kind)))
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = LoopbackAddress.make(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) != 0 || listen(listener, 512) != 0 || getsockname(listener, $0, &length) != 0
            }
        }
        guard listener >= 0, !failed else {
            throw ChildProcess.Failure(description: "no provider: \(String(cString: strerror(errno)))")
        }
        self.listener = listener
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in self.takeConnections() }
    }

    var state: State { self.mutex.withLock { $0 } }

    func grant(_ name: String) -> GrantLedger.Grant? { self.mutex.withLock { $0.ledger.grants[name] } }

    func change(_ body: (inout State) -> Void) { self.mutex.withLock { body(&$0) } }

    /// Has the next call stop.
    func stop(next stall: Stall) {
        self.change { state in
            state.stall = stall
            state.isReached = false
            state.isReleased = false
        }
    }

    /// Waits until a call has stopped where it shall.
    func isReached(within limit: Duration = Patience.limit) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while !self.state.isReached {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(1))
        }
        return true
    }

    /// Lets the call that has stopped go on, and none stop any more.
    func release() {
        self.change { state in
            state.stall = nil
            state.isReleased = true
        }
    }

    /// Ends the server; calls that have stopped are given up.
    func end() {
        self.change { $0.isStopped = true }
    }

    // MARK: Connections

    /// Has the kernel leave callers hanging before they are connected, as a machine does that is not there.
    ///
    /// One connection may wait to be taken, and this makes it; what comes then is dropped.
    func whileUnreachable<Result>(_ body: () async throws -> Result) async throws -> Result {
        self.change { $0.takesConnections = false }
        // The thread that takes connections looks every 5 ms.
        try await Task.sleep(for: .milliseconds(20))
        listen(self.listener, 0)
        let own = LoopbackAddress.connect(port: self.port)
        defer {
            if own >= 0 { close(own) }
            listen(self.listener, 512)
            self.change { $0.takesConnections = true }
        }
        return try await body()
    }

    private func takeConnections() {
        defer { close(self.listener) }
        var entry = pollfd(fd: self.listener, events: Int16(POLLIN), revents: 0)
        while !self.state.isStopped {
            guard self.state.takesConnections else {
                usleep(5000)
                continue
            }
            guard poll(&entry, 1, 5) > 0, self.state.takesConnections else { continue }
            // The vaults that are started meanwhile shall not have it.
            let descriptor = accept4(self.listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            guard descriptor >= 0 else { continue }
            self.change { $0.connections += 1 }
            Thread.detachNewThread { [self] in
                StalledCall(provider: self, descriptor: descriptor).serve()
                close(descriptor)
            }
        }
    }
}
