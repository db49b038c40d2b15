import Foundation

/// A request that follows no redirect and keeps no cookie, and whose caller learns how a server that dies answers: not at all.
struct PlainRequest: Sendable {
    struct Reply: Sendable {
        /// 0 when the connection ended before there was one.
        var status = 0
        var headers: [String: String] = [:]
        var body = ""

        /// What `name` is in the query of the address that a browser is sent to.
        func parameter(_ name: String) -> String? {
            URLComponents(string: self.headers["location"] ?? "")?.queryItems?.first { $0.name == name }?.value
        }
    }

    var method = "GET"
    var path: String
    var headers: [String: String] = [:]
    var body: String?

    /// On a thread of its own, since it may have to wait for long.
    func send(port: Int) async -> Reply {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.exchange(port: port)) }
        }
    }

    private func exchange(port: Int) -> Reply {
        let descriptor = LoopbackAddress.connect(port: port)
        guard descriptor >= 0 else { return Reply() }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var lines = ["\(self.method) \(self.path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        lines += self.headers.map { "\($0.key): \($0.value)" }
        if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
        let request = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + (self.body ?? "")).utf8)
        guard Foundation.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return Reply()
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        return Self.reply(String(decoding: received, as: UTF8.self))
    }

    private static func reply(_ text: String) -> Reply {
        guard let headEnd = text.range(of: "\r\n\r\n") else { return Reply() }
        let lines = text[..<headEnd.lowerBound].components(separatedBy: "\r\n")
        var reply = Reply()
        reply.status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            reply.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        reply.body = String(text[headEnd.upperBound...])
        return reply
    }
}
