/// Walks over the name-value pairs of a PARAMS stream (FastCGI specification section 3.4) without keeping them.
///
/// libfcgi allocates what a length field says before it has seen that many bytes, and aborts the process when that
/// fails. A stream that passes here holds lengths that its own bytes cover.
struct ParameterValidator {
    enum Finding: Error, Equatable {
        /// A length field points past what a request may have, or there are too many pairs.
        case tooLarge
    }

    private enum Position: Equatable {
        case nameLength
        case nameLengthRest(value: Int, missing: Int)
        case valueLength(name: Int)
        case valueLengthRest(name: Int, value: Int, missing: Int)
        case name(missing: Int, value: Int)
        case value(missing: Int)
    }

    /// Far more than a web server sends.
    ///
    /// Each name is compared with those before it, on a thread that others wait for.
    static let maxPairs = 512

    private let limit: Int
    private var pairs = 0
    private var position = Position.nameLength
    private(set) var count = 0
    /// A name was seen that libfcgi would take for another one; see ``ParameterPairs``.
    private(set) var hasUnusableName = false

    init(limit: Int) {
        self.limit = limit
    }

    /// True between two pairs: a stream may end here and nowhere else.
    var isComplete: Bool { self.position == .nameLength }

    mutating func feed(_ bytes: ArraySlice<UInt8>) throws(Finding) {
        try bytes.withUnsafeBufferPointer { bytes throws(Finding) in try self.feed(bytes) }
    }

    private mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws(Finding) {
        self.count += bytes.count
        guard self.count <= self.limit else { throw .tooLarge }
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if self.position == .nameLength, let length = try self.wholePair(bytes, at: index) {
                index += length
                continue
            }
            switch self.position {
            case .name(let missing, let value):
                let step = min(missing, bytes.endIndex - index)
                let part = UnsafeBufferPointer(rebasing: bytes[index..<index + step])
                if !ParameterPairs.isUsable(part) { self.hasUnusableName = true }
                index += step
                self.position =
                    step == missing ? Self.behindName(value: value) : .name(missing: missing - step, value: value)
            case .value(let missing):
                let step = min(missing, bytes.endIndex - index)
                index += step
                self.position = step == missing ? .nameLength : .value(missing: missing - step)
            default:
                try self.readLength(bytes[index])
                index += 1
            }
        }
    }

    /// Reads a pair of which all is here, and whose lengths are of one byte each, as those of nearly all are.
    ///
    /// - Returns: How many bytes it has; nil for any other, of which nothing was read.
    private mutating func wholePair(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(Finding) -> Int? {
        guard bytes.endIndex - start >= 2 else { return nil }
        let name = Int(bytes[start])
        let value = Int(bytes[start + 1])
        guard name < 0x80, value < 0x80, bytes.endIndex - start >= 2 + name + value else { return nil }
        try self.countPair(name: name, value: value)
        if !ParameterPairs.isUsable(UnsafeBufferPointer(rebasing: bytes[(start + 2)..<(start + 2 + name)])) {
            self.hasUnusableName = true
        }
        return 2 + name + value
    }

    private mutating func readLength(_ byte: UInt8) throws(Finding) {
        switch self.position {
        case .nameLength:
            self.position =
                byte & 0x80 == 0
                ? .valueLength(name: Int(byte)) : .nameLengthRest(value: Int(byte & 0x7F), missing: 3)
        case .nameLengthRest(let value, let missing):
            let value = value << 8 | Int(byte)
            self.position =
                missing == 1 ? .valueLength(name: value) : .nameLengthRest(value: value, missing: missing - 1)
        case .valueLength(let name):
            if byte & 0x80 == 0 {
                try self.startContent(name: name, value: Int(byte))
            } else {
                self.position = .valueLengthRest(name: name, value: Int(byte & 0x7F), missing: 3)
            }
        case .valueLengthRest(let name, let value, let missing):
            let value = value << 8 | Int(byte)
            if missing == 1 {
                try self.startContent(name: name, value: value)
            } else {
                self.position = .valueLengthRest(name: name, value: value, missing: missing - 1)
            }
        case .name, .value:
            break
        }
    }

    private mutating func countPair(name: Int, value: Int) throws(Finding) {
        self.pairs += 1
        guard name + value <= self.limit, self.pairs <= Self.maxPairs else { throw .tooLarge }
    }

    private mutating func startContent(name: Int, value: Int) throws(Finding) {
        try self.countPair(name: name, value: value)
        self.position = name == 0 ? Self.behindName(value: value) : .name(missing: name, value: value)
    }

    private static func behindName(value: Int) -> Position {
        value == 0 ? .nameLength : .value(missing: value)
    }
}
