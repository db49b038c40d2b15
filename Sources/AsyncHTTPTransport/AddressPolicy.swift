package import TokenTransport

/// Which addresses may be connected to: what keeps a URL that somebody else wrote from reaching this machine's own network.
package struct AddressPolicy: Sendable, Hashable {
    /// Any address: for URLs that the operator wrote.
    package static let unrestricted = Self(isRestricted: false, allowed: [])

    /// Addresses of the public internet, and those within ranges that the operator allows.
    package static func publicOnly(allowing allowed: [AddressRange] = []) -> Self {
        Self(isRestricted: true, allowed: allowed)
    }

    private let isRestricted: Bool
    private let allowed: [AddressRange]

    /// What is not the public internet (the special-purpose registries of IANA), with what each is.
    private static let special: [(name: String, ranges: [AddressRange])] = [
        ("unspecified", ["0.0.0.0/8", "::/128"]),
        ("loopback", ["127.0.0.0/8", "::1/128"]),
        ("private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"]),
        ("shared by a carrier's customers", ["100.64.0.0/10"]),
        ("link-local", ["169.254.0.0/16", "fe80::/10"]),
        ("of a metadata service", ["168.63.129.16/32"]),
        ("of a translator", ["64:ff9b:1::/48"]),
        (
            "reserved",
            [
                "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
                "240.0.0.0/4", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
            ]
        ),
        ("multicast", ["224.0.0.0/4", "ff00::/8"]),
    ].map { name, ranges in (name, ranges.compactMap { AddressRange($0) }) }

    /// What keeps an address from being connected to, as in "a loopback address"; nil when nothing does.
    package func objection(to address: IPAddress) -> String? {
        guard self.isRestricted, !self.allowed.contains(where: { $0.contains(address) }) else { return nil }
        // One that stands for an address of IPv4 is as good as that, and an allowance for that is one for it.
        if let embedded = address.embedded {
            return self.objection(to: embedded)
        }
        return Self.special.first { $0.ranges.contains { $0.contains(address) } }?.name
    }
}
