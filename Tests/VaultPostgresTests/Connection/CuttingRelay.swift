import CLinux
import Foundation
import Glibc
import TestSupport

/// Stands between a vault and a server, and cuts the wire where a test says.
final class CuttingRelay: Sendable {
    enum Cut: Sendable {
        /// The connection ends, and the server never sees the order to commit.
        case beforeCommit
        /// The connection ends, and the client never sees that it was done.
        case afterCommit
        /// Nothing gets through any more, and nobody is told.
        case silently
    }

    let port: Int
    private let target: Int
    private let listener: Int32
    /// What happens to the next `COMMIT`.
    private let cut = Box<Cut?>(nil)
    private let isSilent = Box(false)
    private let sockets = Box<[Int32]>([])

    init(to target: Int) throws {
        self.target = target
        self.port = try FreePorts.take(1)[0]
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(self.listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        guard Self.with(self.port, { bind(self.listener, $0, $1) }) == 0, listen(self.listener, 50) == 0 else {
            throw PostgresPrograms.Failure(description: "the relay cannot listen")
        }
        Thread.detachNewThread { [listener = self.listener, weak self] in
            while true {
                // Of no use to a program that another test starts meanwhile.
                let client = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
                guard client >= 0, let self else { return }
                self.serve(client)
            }
        }
    }

    deinit {
        shutdown(self.listener, Int32(SHUT_RDWR))
        close(self.listener)
        for socket in self.sockets.value { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    func cutNext(_ cut: Cut) { self.cut.withLock { $0 = cut } }

    /// Lets everything through again, for connections to come.
    func mend() { self.isSilent.withLock { $0 = false } }

    private static func with(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard !self.isSilent.value else { return self.sockets.withLock { $0 += [client, server] } }
        guard Self.with(self.target, { connect(server, $0, $1) }) == 0 else {
            close(client)
            close(server)
            return
        }
        self.sockets.withLock { $0 += [client, server] }
        let isDeaf = Box(false)
        Thread.detachNewThread { self.pump(from: server, to: client, isDeaf: isDeaf) }
        Thread.detachNewThread { self.pumpOrders(from: client, to: server, isDeaf: isDeaf) }
    }

    private func pump(from source: Int32, to target: Int32, isDeaf: Box<Bool>) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if isDeaf.value {
                // The answer to the order came, and the client does not get it.
                shutdown(source, Int32(SHUT_RDWR))
                shutdown(target, Int32(SHUT_RDWR))
                return
            }
            if self.isSilent.value, count > 0 { continue }
            guard count > 0 else {
                if !self.isSilent.value { shutdown(target, Int32(SHUT_RDWR)) }
                return
            }
            send(target, buffer, count, Int32(MSG_NOSIGNAL))
        }
    }

    private func pumpOrders(from source: Int32, to target: Int32, isDeaf: Box<Bool>) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else {
                shutdown(target, Int32(SHUT_RDWR))
                return
            }
            if self.isSilent.value { continue }
            // With what ends the order: every transaction begins with the words READ COMMITTED.
            if Data(buffer[..<count]).range(of: Data("COMMIT\0".utf8)) != nil {
                let cut = self.cut.withLock { cut in
                    defer { cut = nil }
                    return cut
                }
                switch cut {
                case .beforeCommit?:
                    shutdown(source, Int32(SHUT_RDWR))
                    shutdown(target, Int32(SHUT_RDWR))
                    return
                case .afterCommit?: isDeaf.withLock { $0 = true }
                case .silently?:
                    self.isSilent.withLock { $0 = true }
                    continue
                case nil: break
                }
            }
            send(target, buffer, count, Int32(MSG_NOSIGNAL))
        }
    }
}
