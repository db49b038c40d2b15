package import Foundation

/// By what the web server's log knows a request: 32 hexadecimal digits, as in nginx's `$request_id`.
package struct RequestIdentifier: Sendable, Hashable, CustomStringConvertible {
    /// That of the request which this task answers; nil for what the vault does by itself.
    @TaskLocal package static var current: RequestIdentifier?

    package let description: String

    /// Nil for anything else, which nobody should find in a log.
    package init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.description = text
    }

    /// As it is stored.
    package var bytes: Data {
        var bytes = Data(capacity: 16)
        var high: UInt8?
        for digit in self.description.utf8 {
            let value = digit < 0x3A ? digit - 0x30 : digit - 0x57
            if let first = high { bytes.append(first << 4 | value) }
            high = high == nil ? value : nil
        }
        return bytes
    }
}
