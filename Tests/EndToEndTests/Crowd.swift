import Foundation

/// Very many browsers at once, on one thread.
enum Crowd {
    struct Visit: Sendable {
        var status = 0
        var text = ""
        var elapsed = Duration.zero
    }

    /// Opens all connections, sends one request on each, calls `whenSent`, and waits for all answers.
    static func visit(
        port: Int,
        count: Int,
        method: String = "GET",
        path: String = "/",
        headers: [String] = [],
        limit: Duration = .seconds(60),
        whenSent: @escaping @Sendable () -> Void = {}
    ) async throws -> [Visit] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        try Self.run(
                            port: port,
                            count: count,
                            method: method,
                            path: path,
                            headers: headers,
                            limit: limit,
                            whenSent: whenSent
                        )
                    }
                )
            }
        }
    }

    private static func run(
        port: Int,
        count: Int,
        method: String,
        path: String,
        headers: [String],
        limit: Duration,
        whenSent: () -> Void
    ) throws -> [Visit] {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + headers
        let request = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        let start = ContinuousClock.now
        var entries: [pollfd] = []
        var received = [[UInt8]](repeating: [], count: count)
        var visits = [Visit](repeating: Visit(), count: count)
        defer { for entry in entries where entry.fd >= 0 { close(entry.fd) } }
        for _ in 0..<count {
            entries.append(pollfd(fd: try Self.connect(port: port), events: Int16(POLLIN), revents: 0))
            let sent = send(entries[entries.count - 1].fd, request, request.count, Int32(MSG_NOSIGNAL))
            guard sent == request.count else { throw ChildProcess.Failure(description: "send: \(errno)") }
        }
        whenSent()
        var open = count
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while open > 0, ContinuousClock.now - start < limit {
            guard poll(&entries, nfds_t(entries.count), 1000) >= 0 else { continue }
            for index in entries.indices where entries[index].fd >= 0 && entries[index].revents != 0 {
                let length = recv(entries[index].fd, &buffer, buffer.count, 0)
                if length > 0 {
                    received[index] += buffer[..<length]
                    continue
                }
                close(entries[index].fd)
                entries[index].fd = -1
                open -= 1
                let text = String(decoding: received[index], as: UTF8.self)
                let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                visits[index] = Visit(status: status, text: text, elapsed: ContinuousClock.now - start)
            }
        }
        return visits
    }

    private static func connect(port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            throw ChildProcess.Failure(description: "connect: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }
}
