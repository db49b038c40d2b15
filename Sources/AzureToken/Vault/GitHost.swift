/// The host that a credential helper answers for, with a port where it is not that of https.
struct GitHost: Sendable, Hashable {
    private let text: String

    /// Nil for what is no host: a URL, a path, a name with a user.
    init?(_ text: String) {
        var host = text.lowercased()
        if host.hasSuffix(":443") { host.removeLast(4) }
        let allowed = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        guard !host.isEmpty, host.utf8.allSatisfy(allowed) else { return nil }
        self.text = host
    }
}
