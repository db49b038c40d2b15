import CLinux
import Foundation
import Glibc

/// The other end of the socket for units, which does what systemd does, or what somebody else might.
final class UnitClient: Sendable {
    struct Failure: Error {
        let call: String
        let code: Int32
    }

    private let descriptor: Int32

    /// Binds an abstract name, which is given without its zero byte, and connects.
    init(path: String, name: String?) throws {
        self.descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if let name {
            guard Self.with("\0" + name, { bind(self.descriptor, $0, $1) }) == 0 else {
                throw Failure(call: "bind", code: errno)
            }
        }
        guard Self.with(path, { connect(self.descriptor, $0, $1) }) == 0 else {
            throw Failure(call: "connect", code: errno)
        }
        shutdown(self.descriptor, Int32(SHUT_WR))
    }

    deinit { close(self.descriptor) }

    /// Everything until the end, at most as much as systemd reads; nil after a minute of silence.
    func answer(atMost limit: Int = (1 << 20) + 1) -> [UInt8]? {
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while all.count < limit {
            let count = recv(self.descriptor, &chunk, min(chunk.count, limit - all.count), 0)
            guard count >= 0 else { return errno == ECONNRESET ? all : nil }
            if count == 0 { break }
            all += chunk.prefix(count)
        }
        return all
    }

    /// Does what a unit's start does, on a thread of its own, as the user of the tests or as another one.
    static func ask(_ path: String, name: String?, user: UInt32? = nil) async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(
                    with: Result {
                        if let user, user != geteuid(), become_user_in_this_thread(user) != 0 {
                            throw Failure(call: "setresuid", code: errno)
                        }
                        return try UnitClient(path: path, name: name).answer()
                    }
                )
            }
            thread.start()
        }
    }

    private static func with(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = MemoryLayout<sa_family_t>.size + path.utf8.count + (path.hasPrefix("\0") ? 0 : 1)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
