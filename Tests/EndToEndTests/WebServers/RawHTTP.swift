import Foundation
import TestSupport

/// A client that sends bytes as they are, and reads whatever comes.
enum RawHTTP {
    struct Answer: Sendable, CustomStringConvertible {
        var status: Int
        /// With names in lower case.
        var headers: [(name: String, value: String)]
        var body: [UInt8]

        subscript(_ name: String) -> String? { self.headers.first { $0.name == name }?.value }

        var text: String { String(decoding: self.body, as: UTF8.self) }
        var description: String { "\(self.status) \(self.headers) \(self.text.prefix(300))" }
    }

    /// What is sent, and when.
    struct Script: Sendable {
        var bytes: [UInt8]
        /// Sent behind the bytes, one at a time with this pause, until the server has enough.
        var drip: (byte: UInt8, pause: Duration)?
        /// The answer is read one byte at a time with this pause, through a window as small as there is.
        var sip: Duration?

        init(_ text: String, drip: (byte: UInt8, pause: Duration)? = nil, sip: Duration? = nil) {
            self.bytes = Array(text.utf8)
            self.drip = drip
            self.sip = sip
        }
    }

    struct Outcome: Sendable {
        var bytes: [UInt8]
        /// Whether the server has ended the connection, in time.
        var isClosed: Bool
        var elapsed: Duration
        /// That of the client, by which the page knows the connection.
        var port: Int

        /// The answers to requests that were no HEAD.
        var answers: [Answer] { RawHTTP.answers(in: self.bytes, withBody: true) }
        var text: String { String(decoding: self.bytes, as: UTF8.self) }
    }

    /// Whether nothing more is waited for, given what has come, and for how long nothing has.
    typealias End = @Sendable (_ outcome: Outcome, _ quiet: Duration) -> Bool

    /// Sends, and reads until the server closes the connection, or for so long, or until somebody says that it is enough.
    static func exchange(
        _ script: Script,
        port: Int,
        within limit: Duration,
        until isEnough: @escaping End = { _, _ in false }
    ) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let result = Result { try Self.exchangeBlocking(script, port: port, within: limit, until: isEnough) }
                continuation.resume(with: result)
            }
        }
    }

    /// One request on a connection of its own, with the site's name, and its answer.
    static func ask(
        _ port: Int,
        _ target: String,
        method: String = "GET",
        headers: [String] = [],
        body: String = "",
        host: String = "token-page.example.com"
    ) async throws -> Answer {
        var head = ["\(method) \(target) HTTP/1.1", "Host: \(host)", "Connection: close"] + headers
        if !body.isEmpty, !headers.contains(where: { $0.lowercased().hasPrefix("transfer-encoding") }) {
            head.append("Content-Length: \(body.utf8.count)")
        }
        let text = head.joined(separator: "\r\n") + "\r\n\r\n" + body
        let outcome = try await Self.exchange(Script(text), port: port, within: Patience.limit)
        guard let answer = Self.answers(in: outcome.bytes, withBody: method != "HEAD").first else {
            throw ChildProcess.Failure(description: "\(method) \(target): no answer in \(outcome.text.prefix(200))")
        }
        return answer
    }

    private static func exchangeBlocking(
        _ script: Script,
        port: Int,
        within limit: Duration,
        until isEnough: End
    ) throws -> Outcome {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        if script.sip != nil {
            // The kernel takes the least that it allows, and keeps less on the other side of a connection whose segments are small.
            var window: Int32 = 1
            var segment: Int32 = 536
            let size = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &window, size)
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_MAXSEG, &segment, size)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            throw ChildProcess.Failure(
                description: "cannot connect to port \(port): \(String(cString: strerror(errno)))"
            )
        }
        let start = ContinuousClock.now
        var outcome = Outcome(bytes: [], isClosed: false, elapsed: .zero, port: Self.ownPort(of: descriptor))
        var unsent = script.bytes[...]
        var nextDrip = start
        var lastRead = start
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while ContinuousClock.now - start < limit {
            if unsent.isEmpty, let drip = script.drip, ContinuousClock.now >= nextDrip {
                unsent = [drip.byte]
                nextDrip = ContinuousClock.now + drip.pause
            }
            if !unsent.isEmpty {
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                let count = unsent.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
                // A server that has closed may have answered before.
                unsent = count > 0 ? unsent.dropFirst(count) : errno == EAGAIN ? unsent : []
            }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, unsent.isEmpty ? 20 : 1) > 0 else {
                if isEnough(outcome, ContinuousClock.now - lastRead) { break }
                continue
            }
            let count = recv(descriptor, &buffer, script.sip == nil ? buffer.count : 1, Int32(MSG_DONTWAIT))
            guard count > 0 else {
                if count < 0, errno == EAGAIN { continue }
                outcome.isClosed = true
                break
            }
            outcome.bytes += buffer.prefix(count)
            lastRead = ContinuousClock.now
            if let sip = script.sip { Thread.sleep(forTimeInterval: sip / .seconds(1)) }
        }
        outcome.elapsed = ContinuousClock.now - start
        return outcome
    }

    private static func ownPort(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        return isKnown ? Int(in_port_t(bigEndian: address.sin_port)) : 0
    }

    /// All answers of a connection, one behind the other.
    static func answers(in bytes: [UInt8], withBody: Bool) -> [Answer] {
        var answers: [Answer] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            guard lines[0].hasPrefix("HTTP/1."), let status = Int(lines[0].dropFirst(9).prefix(3)) else { break }
            let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                return (line[..<colon].lowercased(), value)
            }
            var answer = Answer(status: status, headers: headers, body: [])
            rest = rest[end.upperBound...]
            if withBody, status >= 200, status != 204, status != 304 {
                if answer["transfer-encoding"] == "chunked" {
                    answer.body = Self.takeChunks(&rest)
                } else {
                    let length = answer["content-length"].flatMap { Int($0) } ?? rest.count
                    answer.body = Array(rest.prefix(length))
                    rest = rest.dropFirst(length)
                }
            }
            answers.append(answer)
        }
        return answers
    }

    private static func takeChunks(_ bytes: inout ArraySlice<UInt8>) -> [UInt8] {
        var body: [UInt8] = []
        while let end = bytes.firstRange(of: Array("\r\n".utf8)) {
            let size = Int(String(decoding: bytes[..<end.lowerBound], as: UTF8.self), radix: 16) ?? 0
            bytes = bytes[end.upperBound...]
            body += bytes.prefix(size)
            bytes = bytes.dropFirst(size + 2)
            if size == 0 { break }
        }
        return body
    }
}
