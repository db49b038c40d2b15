import Foundation

/// Ports that nobody uses now.
enum FreePorts {
    static func three() throws -> (Int, Int, Int) {
        let ports = try Self.take(3)
        return (ports[0], ports[1], ports[2])
    }

    static func take(_ count: Int) throws -> [Int] {
        let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
        // All are held until all are known, so that no port comes twice.
        defer { for descriptor in sockets { close(descriptor) } }
        return try sockets.map { descriptor in
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
                }
            }
            guard status == 0 else { throw ChildProcess.Failure(description: "no free port") }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
