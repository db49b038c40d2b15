import Dispatch
import Glibc
package import TokenTransport
import Waiting

/// Finds the addresses of a name.
package struct HostResolver: Sendable {
    /// The addresses in the order of preference; empty when there are none.
    package let addresses: @Sendable (String) async throws -> [IPAddress]

    package init(addresses: @escaping @Sendable (String) async throws -> [IPAddress]) {
        self.addresses = addresses
    }

    /// As the machine is set up: its files, its name servers.
    package static let system = Self { host in
        let answer = SharedResult<[IPAddress]>()
        // A look-up cannot be ended; who waits for it can.
        Self.queue.async { answer.complete(.success(Self.lookUp(host))) }
        return try await answer.value
    }

    private static let queue = DispatchQueue(label: "HostResolver", attributes: .concurrent)

    private static func lookUp(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next {
            if let address = IPAddress(entry.pointee), !addresses.contains(address) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return addresses
    }
}

extension IPAddress {
    fileprivate init?(_ entry: addrinfo) {
        let bytes = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
        switch entry.ai_family {
        case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
            self.init(bytes: withUnsafeBytes(of: bytes.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) })
        case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
            self.init(bytes: withUnsafeBytes(of: bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) })
        default:
            return nil
        }
    }
}
