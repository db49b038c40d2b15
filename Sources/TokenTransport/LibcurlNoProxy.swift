/// The hosts that libcurl itself asks without a proxy, by its own reading of `no_proxy` as it is written.
///
/// ``NoProxy`` takes more forms than that, and a program of this package writes them as libcurl reads them before it asks
/// anything. A program that only uses the library does not: there the text decides as it stands. Where versions of libcurl
/// differ, a host that one of the present ones would send to the proxy is not in this list.
struct LibcurlNoProxy: Sendable, Hashable {
    private let isEverything: Bool
    private let entries: [Substring]

    init(_ text: String) {
        // An asterisk beside anything else, be it a blank, is a name that no host has.
        self.isEverything = text == "*"
        var entries: [Substring] = []
        for part in text.split(separator: ",") {
            let words = part.split { $0 == " " || $0 == "\t" }
            entries += words.prefix(1)
            // Newer versions end at a blank with no comma behind the word.
            if words.count > 1 { break }
        }
        self.entries = entries
    }

    /// Whether a host, without brackets, is asked without a proxy.
    func contains(_ host: String) -> Bool {
        if self.isEverything { return true }
        let host = host.lowercased()
        guard let address = IPAddress(host) else {
            return self.entries.contains { Self.names(host, in: $0.lowercased()) }
        }
        return self.entries.contains { entry in
            if entry.lowercased() == host { return true }
            // It takes no bits for all of them, and an IPv6 address in a range for a name in some versions.
            let bits = entry.drop { $0 != "/" }.dropFirst()
            guard address.bytes.count == 4, let first = bits.first, ("1"..."9").contains(first) else { return false }
            return AddressRange(String(entry))?.contains(address) == true
        }
    }

    /// An entry is a host or its domain, with one dot before or behind it at most.
    private static func names(_ host: String, in entry: String) -> Bool {
        var entry = entry[...]
        if entry.hasSuffix(".") { entry = entry.dropLast() }
        if entry.hasPrefix(".") { entry = entry.dropFirst() }
        return !entry.isEmpty && (host == entry || host.hasSuffix(".\(entry)"))
    }
}
