/// What an entry of the audit says, as bytes that are authenticated: numbers of eight bytes, and texts behind their lengths.
package struct AuditContent: Sendable, Hashable {
    private(set) var bytes: [UInt8] = []

    /// Begins the content of an entry with its number and its time, in seconds since 1970.
    package init(id: Int64, at: Int64) {
        self.bytes.reserveCapacity(256)
        self.append(id)
        self.append(at)
    }

    init() {
        self.bytes.reserveCapacity(64)
    }

    package mutating func append(_ number: Int64) {
        withUnsafeBytes(of: number.bigEndian) { self.bytes.append(contentsOf: $0) }
    }

    package mutating func append(text: some Collection<UInt8>) {
        self.append(Int64(text.count))
        self.bytes.append(contentsOf: text)
    }

    package mutating func append(text: UnsafeRawBufferPointer) {
        self.append(Int64(text.count))
        self.bytes.append(contentsOf: text)
    }

    package mutating func append(_ mac: AuditMAC) {
        self.append(mac.halves.0)
        self.append(mac.halves.1)
    }
}
