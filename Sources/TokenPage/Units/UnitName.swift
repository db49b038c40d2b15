/// What systemd takes for the name of a unit or of a credential.
enum UnitName {
    /// What the two names may have together: all of the peer's name has at most 107 bytes (unix(7)), and systemd fails at the
    /// start of a unit where they are more.
    static let room = 107 - "\0/unit//".utf8.count - 16

    /// The kinds of units that start processes.
    private static let suffixes = [".service", ".socket", ".mount", ".swap"]

    /// systemd.unit(5): letters, digits and `:-_.\`, and an @ in the name of a template or of an instance.
    static func isUnit(_ name: some StringProtocol) -> Bool {
        guard let suffix = self.suffixes.first(where: { name.hasSuffix($0) }) else { return false }
        let stem = name.utf8.dropLast(suffix.utf8.count)
        return !stem.isEmpty && stem.first != UInt8(ascii: "@") && stem.allSatisfy(self.mayStandInUnit)
    }

    /// The name of a file, and no colon, which separates names elsewhere.
    static func isCredential(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name != "." && name != ".."
            && name.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
            }
    }

    /// The template that a unit is an instance of: `worker@.service` for `worker@a.service`.
    static func template(of unit: String) -> String? {
        guard let at = unit.firstIndex(of: "@"), let dot = unit.lastIndex(of: "."), at < dot else { return nil }
        return String(unit[...at]) + String(unit[dot...])
    }

    private static func mayStandInUnit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
}
