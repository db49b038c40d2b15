/// What git tells a credential helper: lines of `key=value` up to an empty one (git-credential(1)).
struct GitCredentialRequest: Sendable, Equatable {
    private(set) var scheme: String?
    /// With the port, where the URL has one.
    private(set) var host: String?
    private(set) var username: String?

    /// Reads the lines; keys that are not known here are passed over, as newer versions of git send more and more.
    ///
    /// Only a line feed ends a line: a carriage return within a value is no end of it (CVE-2024-52006), and makes a host that
    /// is nobody's. Nor is a key believed that comes twice with different values, which is how a line feed in a URL once led
    /// to another host (CVE-2020-5260).
    ///
    /// - Returns: Nil when something is no such line, or does not belong into a host or a name.
    init?(_ bytes: some Collection<UInt8>) {
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.isEmpty { return }
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals != line.startIndex else { return nil }
            let key: WritableKeyPath<Self, String?>
            switch String(decoding: line[..<equals], as: UTF8.self) {
            case "protocol": key = \.scheme
            case "host": key = \.host
            case "username": key = \.username
            default: continue
            }
            let bytes = line[line.index(after: equals)...]
            guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
            let value = String(decoding: bytes, as: UTF8.self)
            guard self[keyPath: key] == nil || self[keyPath: key] == value else { return nil }
            self[keyPath: key] = value
        }
    }
}
