import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The hosts that are asked without a proxy: a list of names, addresses and ranges.
///
/// It takes what the programs of a machine take between them: blanks, commas and semicolons, `.domain` and `*.domain`, ports
/// and brackets. libcurl knows fewer forms, and `*` alone for it is everything, so ``forLibcurl`` writes them as it reads them.
struct NoProxy: Sendable, Hashable {
    private let isEverything: Bool
    /// In lower case, without ports, brackets and what stands before a domain.
    private let entries: [String]

    init(_ text: String) {
        let words = text.split { $0 == "," || $0 == ";" || $0.isWhitespace }.map { $0.lowercased() }
        self.isEverything = words.contains("*")
        var seen: Set<String> = []
        self.entries = words.map(Self.host).filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    /// The list with others added, for libcurl.
    func forLibcurl(adding others: [String]) -> String {
        if self.isEverything { return "*" }
        var seen = Set(self.entries)
        return (self.entries + others.map(Self.host).filter { seen.insert($0).inserted }).joined(separator: ",")
    }

    /// Whether a host is asked without a proxy.
    func contains(_ host: String) -> Bool {
        if self.isEverything { return true }
        let host = Self.host(host.lowercased())
        return self.entries.contains { entry in
            entry == host || host.hasSuffix("." + entry) || AddressRange(entry)?.contains(host) == true
        }
    }

    /// `[::1]:80`, `*.corp:443`, `.corp` and `corp.` without what is not the host.
    private static func host(_ entry: String) -> String {
        var host = entry[...]
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            return String(host[host.index(after: host.startIndex)..<end])
        }
        if host.filter({ $0 == ":" }).count == 1, let colon = host.firstIndex(of: ":") {
            host = host[..<colon]
        }
        while host.hasPrefix("*.") { host = host.dropFirst(2) }
        while host.hasPrefix(".") { host = host.dropFirst() }
        while host.hasSuffix(".") { host = host.dropLast() }
        return String(host)
    }
}

/// `10.0.0.0/8` or `fd00::/8`.
private struct AddressRange {
    private let bytes: [UInt8]
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bits = Int(parts[1]), let bytes = Self.bytes(String(parts[0])) else { return nil }
        guard (0...bytes.count * 8).contains(bits) else { return nil }
        self.bytes = bytes
        self.bits = bits
    }

    func contains(_ host: String) -> Bool {
        guard let other = Self.bytes(host), other.count == self.bytes.count else { return false }
        return (0..<self.bits).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return other[bit / 8] & mask == self.bytes[bit / 8] & mask
        }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        var version4 = in_addr()
        if inet_pton(AF_INET, text, &version4) == 1 { return withUnsafeBytes(of: version4) { Array($0) } }
        var version6 = in6_addr()
        if inet_pton(AF_INET6, text, &version6) == 1 { return withUnsafeBytes(of: version6) { Array($0) } }
        return nil
    }
}
