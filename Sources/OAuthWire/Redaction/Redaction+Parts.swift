extension Redaction {
    /// So many bytes of a secret in a row are no chance.
    private static let windowSize = 8
    /// What may stand between two parts of a secret that was cut or written with escapes.
    private static let gapLimit = 12

    /// The text without any part of a secret: one who repeats a long secret may cut it, fold it, or write it with escapes.
    ///
    /// - Parameters:
    ///   - secret: A long one, as in base64; of a short one the parts would be words.
    ///   - text: What is to be shown, of a few thousand bytes at most.
    /// - Returns: The text with ``mark`` in the place of each part.
    package static func removingParts(of secret: String, from text: String) -> String {
        let secretBytes = Array(secret.utf8)
        guard secretBytes.count >= Self.windowSize * 2 else { return text }
        let windows = Set(Self.windows(of: secretBytes))
        let bytes = Array(text.utf8)
        var parts: [Range<Int>] = []
        for (start, window) in Self.windows(of: bytes).enumerated() where windows.contains(window) {
            let end = start + Self.windowSize
            if let last = parts.last, start <= last.upperBound + Self.gapLimit {
                parts[parts.count - 1] = last.lowerBound..<end
            } else {
                parts.append(start..<end)
            }
        }
        var shown: [UInt8] = []
        var position = 0
        for part in parts {
            shown += bytes[position..<part.lowerBound] + Array(Self.mark.utf8)
            position = part.upperBound
        }
        return String(decoding: shown + bytes[position...], as: UTF8.self)
    }

    /// The bytes from each position on, as far as there are enough, each as one number.
    private static func windows(of bytes: [UInt8]) -> [UInt64] {
        guard bytes.count >= Self.windowSize else { return [] }
        var window: UInt64 = 0
        var windows: [UInt64] = []
        for (index, byte) in bytes.enumerated() {
            window = window << 8 | UInt64(byte)
            if index >= Self.windowSize - 1 { windows.append(window) }
        }
        return windows
    }
}
