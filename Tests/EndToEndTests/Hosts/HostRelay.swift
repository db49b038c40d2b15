import Foundation
import Locking

/// Lets a host reach a port of this machine's loopback address at the same port of its own.
///
/// So it has the same identity provider as everybody, whatever becomes of the network between the hosts.
final class HostRelay: Sendable {
    private let port: Int
    private let listener: Int32
    private let isEnded = Mutex(false)

    /// Listens in the network of a host, which its file names.
    init(port: Int, namespace: String) async throws {
        self.port = port
        self.listener = try await withCheckedThrowingContinuation { continuation in
            // A network is entered by one thread, which keeps it; a socket has that of the thread that made it.
            Thread.detachNewThread { continuation.resume(with: Result { try Self.listen(at: port, namespace) }) }
        }
        Thread.detachNewThread { [self] in self.takeConnections() }
    }

    func end() { self.isEnded.withLock { $0 = true } }

    private static func listen(at port: Int, _ namespace: String) throws -> Int32 {
        let file = open(namespace, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        guard file >= 0, Self.enter(file) else {
            throw ChildProcess.Failure(description: "\(namespace): \(String(cString: strerror(errno)))")
        }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = LoopbackAddress.make(port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) != 0 || Foundation.listen(listener, 512) != 0
            }
        }
        guard listener >= 0, !failed else {
            throw ChildProcess.Failure(description: "port \(port): \(String(cString: strerror(errno)))")
        }
        return listener
    }

    /// Glibc shows setns(2) to GNU sources alone.
    private static func enter(_ namespace: Int32) -> Bool {
        typealias Function = @convention(c) (Int32, Int32) -> Int32
        guard let symbol = dlsym(nil, "setns") else { return false }
        // CLONE_NEWNET: nothing but a network is meant.
        return unsafeBitCast(symbol, to: Function.self)(namespace, 0x4000_0000) == 0
    }

    private func takeConnections() {
        defer { close(self.listener) }
        var entry = pollfd(fd: self.listener, events: Int16(POLLIN), revents: 0)
        while !self.isEnded.withLock({ $0 }) {
            guard poll(&entry, 1, 20) > 0 else { continue }
            let near = accept(self.listener, nil, nil)
            guard near >= 0 else { continue }
            _ = fcntl(near, F_SETFD, FD_CLOEXEC)
            Thread.detachNewThread { [self] in
                let far = LoopbackAddress.connect(port: self.port)
                if far >= 0 { self.pass(near, far) }
                for descriptor in [near, far] where descriptor >= 0 { close(descriptor) }
            }
        }
    }

    /// Passes on what comes from either side, until one of them hangs up.
    private func pass(_ near: Int32, _ far: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var entries = [near, far].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while !self.isEnded.withLock({ $0 }) {
            guard poll(&entries, 2, 20) > 0 else { continue }
            for (index, entry) in entries.enumerated() where entry.revents != 0 {
                let count = recv(entry.fd, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                let other = index == 0 ? far : near
                guard send(other, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
            }
        }
    }
}
