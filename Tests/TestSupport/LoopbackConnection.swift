import Foundation
import Glibc

/// The server's side of one connection.
struct LoopbackConnection {
    enum Outcome {
        case kept
        case closed
        case abandoned
    }

    let descriptor: Int32
    let number: Int
    private var received: [UInt8] = []

    init(descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
    }

    mutating func nextRequest() -> LoopbackServer.Request? {
        let end = Array("\r\n\r\n".utf8)
        var headEnd = self.received.firstRange(of: end)
        while headEnd == nil {
            guard self.receive() else { return nil }
            headEnd = self.received.firstRange(of: end)
        }
        guard let headEnd else { return nil }
        let head = String(decoding: self.received[..<headEnd.lowerBound], as: UTF8.self)
        self.received.removeSubrange(..<headEnd.upperBound)
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        var request = LoopbackServer.Request(
            method: String(words[0]),
            target: String(words[1]),
            headers: lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
                return (String(parts[0]), String(value))
            },
            body: Data(),
            connection: self.number
        )
        let length = request.values(of: "Content-Length").first.flatMap { Int($0) } ?? 0
        while self.received.count < length {
            guard self.receive() else { return nil }
        }
        request.body = Data(self.received.prefix(length))
        self.received.removeFirst(length)
        return request
    }

    private mutating func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        self.received.append(contentsOf: buffer.prefix(count))
        return true
    }

    func perform(_ answer: LoopbackServer.Answer, answered: () -> Void) -> Outcome {
        switch answer {
        case .response(let status, let headers, let body):
            answered()
            self.send(Self.head(status: status, headers: headers, length: body.count) + body)
            return .kept
        case .responseThenClose(let status, let body):
            answered()
            self.send(Self.head(status: status, headers: [], length: body.count) + body)
            return .closed
        case .bytes(let bytes, let thenClose):
            answered()
            self.send(bytes)
            return thenClose ? .closed : .kept
        case .bytesThenSilence(let bytes):
            self.send(bytes)
            _ = self.waitForHangUp(milliseconds: -1)
            return .abandoned
        case .trickle(let bytes):
            self.send(bytes)
            while !self.waitForHangUp(milliseconds: 10) {
                self.send(Data("a".utf8))
            }
            return .abandoned
        case .after(let delay, let answer):
            let milliseconds = delay / .milliseconds(1)
            if self.waitForHangUp(milliseconds: Int32(milliseconds)) { return .abandoned }
            return self.perform(answer, answered: answered)
        case .reset:
            answered()
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
            return .closed
        }
    }

    private static func head(status: Int, headers: [(name: String, value: String)], length: Int) -> Data {
        var head = "HTTP/1.1 \(status) Answer\r\n"
        for header in headers {
            head += "\(header.name): \(header.value)\r\n"
        }
        return Data((head + "Content-Length: \(length)\r\n\r\n").utf8)
    }

    private func send(_ bytes: Data) {
        bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) in
            var rest = buffer
            while !rest.isEmpty {
                let count = Glibc.send(self.descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }

    /// Waits, and says whether the peer or the test hung up meanwhile.
    private func waitForHangUp(milliseconds: Int32) -> Bool {
        // POLLRDHUP, which the C library shows to GNU sources alone.
        var entry = pollfd(fd: self.descriptor, events: 0x2000, revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }
}
