import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The hosts that are this machine: `127.0.0.0/8`, `::1` and `localhost` (RFC 6761 section 6.3).
enum LoopbackAddress {
    /// Whether a host names this machine.
    ///
    /// The address is parsed, not compared by prefix, so that `127.0.0.1.example.com` is not taken for one. Only the
    /// dotted form with four parts counts; `127.1` and `0x7f000001` do not.
    static func contains(host: String) -> Bool {
        if host.lowercased() == "localhost" {
            return true
        }
        var version4 = in_addr()
        if inet_pton(AF_INET, host, &version4) == 1 {
            return UInt32(bigEndian: version4.s_addr) >> 24 == 127
        }
        let unbracketed = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        var version6 = in6_addr()
        guard inet_pton(AF_INET6, unbracketed, &version6) == 1 else { return false }
        return withUnsafeBytes(of: version6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }
}
