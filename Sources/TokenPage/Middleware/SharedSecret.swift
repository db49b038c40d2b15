/// What whoever asks has to know, where others of the machine could ask too.
struct SharedSecret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// Nil for a text that can be guessed, or that no header field can hold.
    init?(_ text: String) {
        guard (16...256).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.bytes = Array(text.utf8)
    }

    /// Looks at all bytes, whichever the first wrong one is.
    func matches(_ text: String) -> Bool {
        let other = Array(text.utf8)
        guard other.count == self.bytes.count else { return false }
        return zip(other, self.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    var description: String { "<redacted>" }
    var customMirror: Mirror { Mirror(reflecting: self.description) }
}
