import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// How many bytes stand before the first that is this one; nil where there is none.
    func offset(of byte: UInt8) -> Int? {
        guard let start = self.baseAddress, let place = memchr(start, Int32(byte), self.count) else { return nil }
        return UnsafeRawPointer(place) - UnsafeRawPointer(start)
    }
}
