import Foundation
import Glibc
import Locking

/// Ports of 127.0.0.1 that nobody uses, for programs that are told where to listen and start to do so a moment later.
///
/// The kernel gives them to nobody in that moment: they are not among those that it chooses from for connections, and for
/// servers that leave the choice to it. And none is handed out twice in this process.
package enum FreePorts {
    /// A port that cannot be had.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let candidates = Self.candidates(besides: Self.chosenByKernel)
    /// Tests of another process begin elsewhere.
    private static let next = Mutex(Int.random(in: 0..<Self.candidates.count))

    /// What the kernel chooses from, as ip(7) says.
    private static let chosenByKernel: ClosedRange<Int> = {
        let text = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let bounds = (text ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        return bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[0]...bounds[1] : 32_768...60_999
    }()

    /// Browsers refuse some below these; and where the kernel chooses from nearly all, there are no better ones.
    private static func candidates(besides chosen: ClosedRange<Int>) -> [Int] {
        let all = 11_000...65_535
        let others = all.filter { !chosen.contains($0) }
        return others.count >= 1000 ? others : Array(all)
    }

    package static func three() throws -> (Int, Int, Int) {
        let ports = try Self.take(3)
        return (ports[0], ports[1], ports[2])
    }

    package static func take(_ count: Int) throws -> [Int] {
        try (0..<count).map { _ in try Self.row(of: 1) }
    }

    /// The first of some ports in a row.
    package static func row(of count: Int) throws -> Int {
        for _ in Self.candidates {
            let ports = Self.next.withLock { next in
                if next + count > Self.candidates.count { next = 0 }
                defer { next += count }
                return Array(Self.candidates[next..<next + count])
            }
            if ports[count - 1] - ports[0] == count - 1, ports.allSatisfy(Self.isFree) { return ports[0] }
        }
        throw Failure(description: "no \(count) free ports in a row")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
