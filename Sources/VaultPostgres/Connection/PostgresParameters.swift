import Foundation

/// The parameters of a statement as libpq takes them: texts and numbers as text, which the server gives its type, and bytes as
/// they are.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    var count: Int32 { Int32(self.offsets.count) }

    init(_ values: [PostgresValue]) {
        for value in values {
            switch value {
            case .null: self.add(nil as [UInt8]?, isBinary: false)
            case .int(let number): self.add(String(number).utf8, isBinary: false)
            case .text(let text): self.add(text.utf8, isBinary: false)
            case .bytes(let data): self.add(data, isBinary: true)
            }
        }
    }

    private mutating func add(_ value: (some Collection<UInt8>)?, isBinary: Bool) {
        self.formats.append(isBinary ? 1 : 0)
        guard let value else {
            self.offsets.append(nil)
            self.lengths.append(0)
            return
        }
        self.offsets.append(self.bytes.count)
        self.lengths.append(Int32(clamping: value.count))
        self.bytes.append(contentsOf: value)
        // Texts end with a zero byte.
        self.bytes.append(0)
    }

    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
    ) -> Result {
        self.bytes.withUnsafeBytes { buffer in
            let begin = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = self.offsets.map { offset in offset.flatMap { begin?.advanced(by: $0) } }
            return values.withUnsafeBufferPointer { values in
                self.lengths.withUnsafeBufferPointer { lengths in
                    self.formats.withUnsafeBufferPointer { formats in
                        body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
