import Foundation

@testable import FastCGI

/// What a web server sends, built by hand, byte by byte.
enum Wire {
    static func record(_ kind: UInt8, id: UInt16 = 1, _ content: [UInt8] = [], padding: Int = 0) -> [UInt8] {
        [
            1, kind, UInt8(id >> 8), UInt8(id & 0xFF), UInt8(content.count >> 8), UInt8(content.count & 0xFF),
            UInt8(padding), 0,
        ] + content + [UInt8](repeating: 0, count: padding)
    }

    static func begin(id: UInt16 = 1, role: UInt8 = 1, keep: Bool = false) -> [UInt8] {
        Self.record(1, id: id, [0, role, keep ? 1 : 0, 0, 0, 0, 0, 0])
    }

    static func length(_ count: Int, isLong: Bool = false) -> [UInt8] {
        guard count > 127 || isLong else { return [UInt8(count)] }
        return [
            UInt8(count >> 24) | 0x80, UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF),
        ]
    }

    static func pair(_ name: String, _ value: [UInt8], isLong: Bool = false) -> [UInt8] {
        Self.length(name.utf8.count, isLong: isLong) + Self.length(value.count, isLong: isLong) + Array(name.utf8)
            + value
    }

    static func pairs(_ pairs: [(String, String)]) -> [UInt8] {
        pairs.flatMap { Self.pair($0.0, Array($0.1.utf8)) }
    }

    static let getParameters = Self.pairs([
        ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), ("SERVER_PROTOCOL", "HTTP/1.1"),
    ])

    /// A whole request.
    static func request(
        id: UInt16 = 1,
        keep: Bool = false,
        parameters: [UInt8] = Self.getParameters,
        body: [UInt8] = []
    ) -> [UInt8] {
        var bytes = Self.begin(id: id, keep: keep)
        for start in stride(from: 0, to: parameters.count, by: 65_000) {
            bytes += Self.record(4, id: id, Array(parameters[start..<min(start + 65_000, parameters.count)]))
        }
        bytes += Self.record(4, id: id)
        for start in stride(from: 0, to: body.count, by: 65_535) {
            bytes += Self.record(5, id: id, Array(body[start..<min(start + 65_535, body.count)]), padding: 1)
        }
        return bytes + Self.record(5, id: id)
    }

    static func post(id: UInt16 = 1, keep: Bool = false, body: [UInt8], uri: String = "/echo") -> [UInt8] {
        let parameters = Self.pairs([
            ("REQUEST_METHOD", "POST"), ("REQUEST_URI", uri), ("CONTENT_LENGTH", String(body.count)),
        ])
        return Self.request(id: id, keep: keep, parameters: parameters, body: body)
    }
}

/// What a responder sent back.
struct Answer: Equatable {
    var records: [(kind: UInt8, id: UInt16, content: [UInt8])] = []
    /// Bytes behind the last whole record.
    var rest: [UInt8] = []

    init(_ bytes: [UInt8]) {
        var index = 0
        while bytes.count - index >= 8 {
            let length = Int(bytes[index + 4]) << 8 | Int(bytes[index + 5])
            let end = index + 8 + length + Int(bytes[index + 6])
            guard end <= bytes.count else { break }
            let id = UInt16(bytes[index + 2]) << 8 | UInt16(bytes[index + 3])
            self.records.append((bytes[index + 1], id, Array(bytes[index + 8..<index + 8 + length])))
            index = end
        }
        self.rest = Array(bytes[index...])
    }

    static func == (left: Answer, right: Answer) -> Bool {
        left.rest == right.rest && left.records.elementsEqual(right.records) { $0 == $1 }
    }

    func standardOutput(id: UInt16 = 1) -> String {
        String(decoding: self.records.filter { $0.kind == 6 && $0.id == id }.flatMap(\.content), as: UTF8.self)
    }

    var status: String? {
        self.standardOutput().split(separator: "\r\n").first.map(String.init)
    }

    var body: String {
        let parts = self.standardOutput().components(separatedBy: "\r\n\r\n")
        return parts.dropFirst().joined(separator: "\r\n\r\n")
    }

    /// Protocol statuses of the END_REQUEST records of a request.
    func ends(id: UInt16 = 1) -> [UInt8] {
        self.records.filter { $0.kind == 3 && $0.id == id }.map { $0.content[4] }
    }
}

/// A connection of a web server, with blocking calls: use it inside ``onThread(_:)``.
struct FastCGIPeer {
    struct Failure: Error {
        let call: String
        let code: Int32
    }

    let descriptor: Int32

    init(path: String, timeout: Int = 60) throws {
        self.descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = self.descriptor
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            Foundation.close(descriptor)
            throw Failure(call: "connect", code: code)
        }
        self.setTimeout(timeout)
    }

    init(port: UInt16, timeout: Int = 60) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let descriptor = self.descriptor
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            Foundation.close(descriptor)
            throw Failure(call: "connect", code: code)
        }
        self.setTimeout(timeout)
    }

    private func setTimeout(_ seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(self.descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Sends everything, or stops where the other side has closed.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(
                    self.descriptor,
                    $0.baseAddress?.advanced(by: sent),
                    $0.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func finishSending() {
        shutdown(self.descriptor, Int32(SHUT_WR))
    }

    /// Reads until the other side closes.
    func readToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let part = try self.readSome() { bytes += part }
        return bytes
    }

    /// Reads until the END_REQUEST record of a request, on a connection that stays open.
    func readAnswer(id: UInt16 = 1) throws -> Answer {
        var bytes: [UInt8] = []
        while true {
            let answer = Answer(bytes)
            if !answer.ends(id: id).isEmpty { return answer }
            guard let part = try self.readSome() else { return answer }
            bytes += part
        }
    }

    /// - Returns: nil when the other side has closed.
    func readSome() throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        if count > 0 { return Array(buffer[..<count]) }
        if count == 0 || errno == ECONNRESET { return nil }
        throw Failure(call: "recv", code: errno)
    }

    func close() {
        Foundation.close(self.descriptor)
    }

    /// One connection: sends, reads to the end.
    static func exchange(_ path: String, _ bytes: [UInt8], finish: Bool = false) async throws -> Answer {
        try await onThread {
            let peer = try FastCGIPeer(path: path)
            defer { peer.close() }
            peer.send(bytes)
            if finish { peer.finishSending() }
            return Answer(try peer.readToEnd())
        }
    }
}

/// Runs blocking calls on a thread of their own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
