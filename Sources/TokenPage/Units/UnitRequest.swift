/// Which unit wants which of its credentials, as systemd says it.
///
/// Before it connects, it binds its end of the connection to an abstract name (systemd.exec(5), `LoadCredential=`): a zero
/// byte, a random number in hexadecimal digits, and `/unit/UNIT/CREDENTIAL`. Anybody can bind such a name, so it says who
/// asks only when the peer is root.
struct UnitRequest: Sendable, Hashable {
    let unit: String
    let credential: String

    init(unit: String, credential: String) {
        self.unit = unit
        self.credential = credential
    }

    /// Reads the name of a peer; nil when it is of another form.
    init?(peerName: [UInt8]) {
        guard peerName.first == 0, peerName.dropFirst().allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let parts = String(decoding: peerName.dropFirst(), as: UTF8.self)
            .split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, (1...16).contains(parts[0].count), parts[0].allSatisfy(\.isHexDigit),
            parts[1] == "unit", UnitName.isUnit(parts[2]), UnitName.isCredential(parts[3])
        else { return nil }
        self.init(unit: String(parts[2]), credential: String(parts[3]))
    }
}
