/// `10.0.0.0/8`, `fd00::/8`, or one address.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let start: IPAddress
    private let bits: Int

    /// Takes an address, alone or with the number of bits that count.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let start = IPAddress(String(first)) else { return nil }
        let all = start.bytes.count * 8
        let bits = parts.count == 2 ? Int(parts[1]) : all
        guard let bits, (0...all).contains(bits) else { return nil }
        self.start = start
        self.bits = bits
    }

    package var description: String { "\(self.start)/\(self.bits)" }

    /// Whether an address of the same family is within it.
    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == self.start.bytes.count else { return false }
        let whole = self.bits / 8
        guard address.bytes[..<whole] == self.start.bytes[..<whole] else { return false }
        guard self.bits % 8 > 0 else { return true }
        let mask = ~(UInt8(0xFF) >> UInt8(self.bits % 8))
        return address.bytes[whole] & mask == self.start.bytes[whole] & mask
    }
}
