import Foundation
import Locking

/// Browsers that ask for the page again as soon as they have an answer, until they are told to stop.
final class SteadyCrowd: Sendable {
    enum Address: Sendable {
        case port(Int)
        case unixSocket(String)
    }

    private struct State {
        var visits: [Int] = []
        var browsing: Int
        var isOver = false
    }

    private let state: Mutex<State>

    init(of count: Int, at address: Address, method: String = "GET") {
        self.state = Mutex(State(browsing: count))
        for _ in 0..<count {
            Thread.detachNewThread {
                while !self.state.withLock({ $0.isOver }) {
                    let status = Self.visit(address, method: method)
                    self.state.withLock { $0.visits.append(status) }
                }
                self.state.withLock { $0.browsing -= 1 }
            }
        }
    }

    /// The statuses of all answers so far; 0 where there was none.
    var visits: [Int] { self.state.withLock { $0.visits } }

    /// Waits for the answers that are under way.
    func stop() async throws -> [Int] {
        self.state.withLock { $0.isOver = true }
        while self.state.withLock({ $0.browsing > 0 }) { try await Task.sleep(for: .milliseconds(5)) }
        return self.visits
    }

    private static func visit(_ address: Address, method: String) -> Int {
        guard let descriptor = Self.connect(address) else { return 0 }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let request = Array(
            "\(method) / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8
        )
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return 0 }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        let text = String(decoding: answer, as: UTF8.self)
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    private static func connect(_ address: Address) -> Int32? {
        let family =
            switch address {
            case .port: AF_INET
            case .unixSocket: AF_UNIX
            }
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let status =
            switch address {
            case .port(let port): Self.connect(descriptor, port: port)
            case .unixSocket(let path): UnixSocket.connect(descriptor, to: path)
            }
        guard status == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func connect(_ descriptor: Int32, port: Int) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
