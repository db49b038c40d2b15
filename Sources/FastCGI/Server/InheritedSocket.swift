import CLinux
import Glibc

/// What can be asked of a descriptor that the parent process left open.
enum InheritedSocket {
    static func isListening(_ descriptor: Int32) -> Bool {
        Self.option(descriptor, SO_ACCEPTCONN) == 1 && Self.option(descriptor, SO_TYPE) == Int32(SOCK_STREAM.rawValue)
    }

    static func isUnix(_ descriptor: Int32) -> Bool {
        Self.option(descriptor, SO_DOMAIN) == AF_UNIX
    }

    static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    private static func option(_ descriptor: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 else { return nil }
        return value
    }
}
