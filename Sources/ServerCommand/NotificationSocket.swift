import CLinux
import Glibc
import Locking

/// The way to the socket that a service manager names: sd_notify(3), without libsystemd.
///
/// One socket serves for all messages. A program that has as many files open as it may could open no other, and the manager would
/// take it for one that stands still.
final class NotificationSocket: Sendable {
    private let address: sockaddr_un
    private let addressLength: socklen_t
    private let descriptor = Mutex<Int32>(-1)

    /// - Returns: nil when `name` is in no form that this process knows, such as that of a virtual socket.
    init?(name: String) {
        guard let first = name.utf8.first, name.utf8.count > 1 else { return nil }
        var address = sockaddr_un()
        let isAbstract = first == UInt8(ascii: "@")
        guard isAbstract || first == UInt8(ascii: "/") else { return nil }
        // A path has a final zero, an abstract name begins with one and has exactly its length: unix(7).
        let room = MemoryLayout.size(ofValue: address.sun_path) - (isAbstract ? 0 : 1)
        guard name.utf8.count <= room else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: name.utf8)
            if isAbstract { path[0] = 0 }
        }
        let prefix = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
        self.address = address
        self.addressLength = socklen_t(prefix + name.utf8.count + (isAbstract ? 0 : 1))
    }

    deinit {
        self.descriptor.withLock { if $0 >= 0 { close($0) } }
    }

    /// Sends a message without waiting; a manager that has gone is no reason to end.
    ///
    /// - Returns: false when there is no room for it now.
    func send(_ message: String) -> Bool {
        let text = Array(message.utf8)
        return self.descriptor.withLock { descriptor in
            if descriptor < 0 {
                descriptor = socket(
                    AF_UNIX,
                    Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
                    0
                )
            }
            guard descriptor >= 0 else { return false }
            let count = withUnsafePointer(to: self.address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, self.addressLength)
                }
            }
            return count >= 0 || ![EAGAIN, EINTR, ENOBUFS, ENOMEM].contains(errno)
        }
    }
}
