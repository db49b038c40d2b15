import CLinux
package import Foundation
import Glibc
import Locking

/// A small HTTP/1.1 server on 127.0.0.1 that answers as a test tells it to, with well-formed answers and with bad ones.
///
/// Every connection has its own thread, so an answer may be late without holding up another.
package final class LoopbackServer: Sendable {
    /// A request as it came in.
    package struct Request: Sendable {
        package var method: String
        /// Path and query.
        package var target: String
        package var headers: [(name: String, value: String)]
        package var body: Data
        /// Which connection it came on, counted from 0.
        package var connection: Int

        /// All values of a header, whatever the case of its name.
        package func values(of name: String) -> [String] {
            self.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }

    /// What the server does about a request.
    package indirect enum Answer: Sendable {
        /// A whole answer with `Content-Length`; the connection is kept.
        case response(status: Int, headers: [(name: String, value: String)], body: Data)
        /// These bytes, whatever they are; the connection is kept or closed.
        case bytes(Data, thenClose: Bool)
        /// These bytes, and then nothing more until the client or the test hangs up.
        case bytesThenSilence(Data)
        /// These bytes, and then one more every 10 ms until the client or the test hangs up.
        case trickle(Data)
        /// Another answer, later.
        case after(Duration, Answer)
        /// A whole answer that says nothing about the end of the connection, which is then closed.
        case responseThenClose(status: Int, body: Data)
        /// A TCP reset instead of an answer.
        case reset

        package static func text(_ body: String, status: Int = 200, type: String = "text/plain") -> Self {
            .response(status: status, headers: [("Content-Type", type)], body: Data(body.utf8))
        }

        package static func json(_ body: String, status: Int = 200) -> Self {
            .text(body, status: status, type: "application/json; charset=utf-8")
        }

        package static func raw(_ text: String, thenClose: Bool = true) -> Self {
            .bytes(Data(text.utf8), thenClose: thenClose)
        }

        package static var silence: Self { .bytesThenSilence(Data()) }
        package static var close: Self { .bytes(Data(), thenClose: true) }
    }

    /// What the server has seen until now.
    package struct Statistics: Sendable {
        package var connections = 0
        package var openConnections = 0
        package var requests: [Request] = []
        package var requestCount = 0
        /// Requests that have no answer yet, now and at the most.
        package var inFlight = 0
        package var mostInFlight = 0
        /// Requests whose client hung up before it was answered.
        package var abandoned = 0
    }

    private struct State {
        var statistics = Statistics()
        var descriptors: Set<Int32> = []
        var isStopped = false
    }

    /// The port that the system chose.
    package let port: Int
    private let listener: Int32
    private let keepsRequests: Bool
    private let state = Mutex(State())
    private let answer: @Sendable (Request) -> Answer

    /// Starts a server that asks the test for each answer.
    ///
    /// - Parameters:
    ///   - keepsRequests: Whether the statistics hold the requests themselves, or only their number.
    ///   - answer: Called on the connection's thread.
    /// - Throws: `POSIXError` when the system gives no socket.
    package init(keepsRequests: Bool = true, answer: @escaping @Sendable (Request) -> Answer) throws {
        (self.listener, self.port) = try Self.listen()
        self.keepsRequests = keepsRequests
        self.answer = answer
        let listener = self.listener
        Thread.detachNewThread { [weak self] in
            while true {
                // A program that another test starts meanwhile would keep the connection open for as long as it runs.
                let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
                guard descriptor >= 0 else { break }
                guard let server = self, let number = server.opened(descriptor) else {
                    Glibc.close(descriptor)
                    break
                }
                Thread.detachNewThread { server.serve(descriptor, number: number) }
            }
            Glibc.close(listener)
        }
    }

    /// Starts a server that gives these answers in this order, and the last one again and again.
    package convenience init(_ answers: Answer...) throws {
        let next = Counter()
        try self.init { _ in answers[min(next.increment(), answers.count - 1)] }
    }

    deinit { self.stop() }

    /// A URL on this server.
    package func url(_ path: String = "/") -> URL {
        var components = URLComponents()
        components.scheme = "http"
        components.host = "127.0.0.1"
        components.port = self.port
        return URL(string: path, relativeTo: components.url)?.absoluteURL ?? URL(filePath: path)
    }

    package var statistics: Statistics { self.state.withLock { $0.statistics } }

    /// Waits until the statistics are as a test expects them.
    ///
    /// - Returns: Whether they came to be so within a time that is long enough for any machine.
    package func reaches(_ condition: (Statistics) -> Bool) async throws -> Bool {
        try await eventually { condition(self.statistics) }
    }

    /// Closes all connections and takes no more.
    package func stop() {
        self.state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            // Each thread closes its own descriptor; shutting it down is what wakes the thread.
            shutdown(self.listener, Int32(SHUT_RDWR))
            for descriptor in state.descriptors {
                shutdown(descriptor, Int32(SHUT_RDWR))
            }
        }
    }
}

extension LoopbackServer {
    private static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) != 0 || Glibc.listen(descriptor, 512) != 0
                    || getsockname(descriptor, address, &size) != 0
            }
        }
        guard descriptor >= 0, !failed else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private func opened(_ descriptor: Int32) -> Int? {
        var enabled: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
        return self.state.withLock { state in
            guard !state.isStopped else { return nil }
            state.descriptors.insert(descriptor)
            state.statistics.connections += 1
            state.statistics.openConnections += 1
            return state.statistics.connections - 1
        }
    }

    private func serve(_ descriptor: Int32, number: Int) {
        var connection = LoopbackConnection(descriptor: descriptor, number: number)
        while let request = connection.nextRequest() {
            self.state.withLock { state in
                if self.keepsRequests {
                    state.statistics.requests.append(request)
                }
                state.statistics.requestCount += 1
                state.statistics.inFlight += 1
                state.statistics.mostInFlight = max(state.statistics.mostInFlight, state.statistics.inFlight)
            }
            let outcome = connection.perform(self.answer(request)) {
                // Before the last byte is out, so that a client that has its answer finds it counted.
                self.state.withLock { $0.statistics.inFlight -= 1 }
            }
            if outcome == .abandoned {
                self.state.withLock { state in
                    state.statistics.abandoned += 1
                    state.statistics.inFlight -= 1
                }
            }
            guard outcome == .kept else { break }
        }
        self.state.withLock { state in
            state.descriptors.remove(descriptor)
            state.statistics.openConnections -= 1
            Glibc.close(descriptor)
        }
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    func increment() -> Int {
        self.value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
