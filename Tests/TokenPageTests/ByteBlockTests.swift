import Testing

@testable import TokenPage

@Suite struct ByteBlockTests {
    private static func block(_ bytes: [UInt8]) throws -> ByteBlock {
        try bytes.withUnsafeBufferPointer { try #require(ByteBlock($0, at: 0)) }
    }

    /// Each byte alone among others, and beside each that a subtraction could borrow from.
    @Test func eachByteIsToldInEachPlace() throws {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<ByteBlock.size {
                for other: UInt8 in [0x20, 0x21, 0x41, 0x7E] {
                    var bytes = [UInt8](repeating: other, count: ByteBlock.size)
                    bytes[place] = byte
                    let block = try Self.block(bytes)
                    #expect(block.isPrintableASCII == (0x20...0x7E).contains(byte), "\(bytes)")
                    #expect(block.needsEscaping == "<>&\"'".utf8.contains(byte), "\(bytes)")
                }
            }
        }
    }

    @Test func theRestOfATextIsNoBlock() {
        let bytes = [UInt8](repeating: 0x41, count: 20)
        bytes.withUnsafeBufferPointer { bytes in
            #expect(ByteBlock(bytes, at: 12) != nil)
            #expect(ByteBlock(bytes, at: 13) == nil)
            #expect(ByteBlock(bytes, at: 20) == nil)
        }
    }
}
