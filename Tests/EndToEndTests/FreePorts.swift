import Foundation

/// Ports that nobody uses now.
enum FreePorts {
    static func three() throws -> (Int, Int, Int) {
        let ports = try Self.take(3)
        return (ports[0], ports[1], ports[2])
    }

    /// The first of some ports in a row.
    static func row(of count: Int) throws -> Int {
        for _ in 0..<100 {
            let first = try Self.take(1)[0]
            guard first + count <= 65_536 else { continue }
            if (1..<count).allSatisfy({ Self.isFree(first + $0) }) { return first }
        }
        throw ChildProcess.Failure(description: "no \(count) free ports in a row")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        return Self.bind(descriptor, to: port) != nil
    }

    static func take(_ count: Int) throws -> [Int] {
        let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
        // All are held until all are known, so that no port comes twice.
        defer { for descriptor in sockets { close(descriptor) } }
        return try sockets.map { descriptor in
            guard let port = Self.bind(descriptor, to: 0) else {
                throw ChildProcess.Failure(description: "no free port")
            }
            return port
        }
    }

    /// The port that the socket got; nil when it is taken.
    private static func bind(_ descriptor: Int32, to port: Int) -> Int? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        return status == 0 ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
