import CLinux
import Glibc

/// A TCP socket on a loopback address.
///
/// Whoever can connect is obeyed, so no other address is accepted.
enum LoopbackSocket {
    static func listen(host: String, port: UInt16) throws(FastCGIServerError) -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let name = host == "localhost" ? "127.0.0.1" : host
        var ipv4 = sockaddr_in()
        var ipv6 = sockaddr_in6()
        let descriptor: Int32
        let status: Int32
        if inet_pton(AF_INET, name, &ipv4.sin_addr) == 1, UInt32(bigEndian: ipv4.sin_addr.s_addr) >> 24 == 127 {
            ipv4.sin_family = sa_family_t(AF_INET)
            ipv4.sin_port = port.bigEndian
            descriptor = try Self.make(AF_INET, flags)
            status = withUnsafePointer(to: &ipv4) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        } else if name == "::1", inet_pton(AF_INET6, name, &ipv6.sin6_addr) == 1 {
            ipv6.sin6_family = sa_family_t(AF_INET6)
            ipv6.sin6_port = port.bigEndian
            descriptor = try Self.make(AF_INET6, flags)
            status = withUnsafePointer(to: &ipv6) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        } else {
            throw FastCGIServerError(
                .invalidAddress,
                "\(host) is not a loopback address. FastCGI has no authentication: use 127.0.0.1, ::1 or a unix socket."
            )
        }
        guard status == 0, Glibc.listen(descriptor, listenBacklog) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw FastCGIServerError(
                .unavailable,
                "Cannot listen on \(host) port \(port): \(reason). Choose another port."
            )
        }
        return descriptor
    }

    private static func make(_ family: Int32, _ flags: Int32) throws(FastCGIServerError) -> Int32 {
        let descriptor = socket(family, flags, 0)
        guard descriptor >= 0 else {
            throw FastCGIServerError(.unavailable, "Cannot make a socket: \(String(cString: strerror(errno))).")
        }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }
}
