import Foundation

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
        let address = IPAddress(host)
        return self.entries.contains { entry in
            if entry == host || host.hasSuffix("." + entry) { return true }
            guard let address, let range = AddressRange(entry) else { return false }
            return range.contains(address)
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
