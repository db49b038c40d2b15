/// Eight bytes of a text, which the processor looks at together.
///
/// A byte is found by what a subtraction borrows from it: see "Determine if a word has a byte less than n" in Anderson's Bit
/// Twiddling Hacks.
struct ByteBlock {
    static let size = 8

    /// One in each byte.
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private let bytes: UInt64

    /// The bytes from a place on; nil where there are fewer.
    @inline(__always)
    init?(_ text: UnsafeBufferPointer<UInt8>, at start: Int) {
        guard start + Self.size <= text.count else { return nil }
        self.bytes = UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: start, as: UInt64.self)
    }

    /// Whether all of them are printable ASCII.
    @inline(__always)
    var isPrintableASCII: Bool {
        (self.bytes | Self.lessThan(0x20, in: self.bytes) | self.equal(to: 0x7F)) & Self.highBits == 0
    }

    /// Whether one of them may not stand in HTML as it is.
    @inline(__always)
    var needsEscaping: Bool {
        let tags = self.equal(to: UInt8(ascii: "<")) | self.equal(to: UInt8(ascii: ">"))
        let quotes = self.equal(to: UInt8(ascii: "\"")) | self.equal(to: UInt8(ascii: "'"))
        return (tags | quotes | self.equal(to: UInt8(ascii: "&"))) & Self.highBits != 0
    }

    /// Has a high bit if, and only if, one of the bytes is this one.
    @inline(__always)
    private func equal(to byte: UInt8) -> UInt64 { Self.lessThan(1, in: self.bytes ^ (Self.ones &* UInt64(byte))) }

    /// Has a high bit if, and only if, one of the bytes is less than a number up to 128.
    @inline(__always)
    private static func lessThan(_ number: UInt64, in bytes: UInt64) -> UInt64 {
        (bytes &- Self.ones &* number) & ~bytes & Self.highBits
    }
}
