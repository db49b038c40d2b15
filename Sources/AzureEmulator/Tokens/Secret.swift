import Crypto
import Foundation
import OAuthWire

/// Text that must not be seen: a client secret, an endpoint's secret, a token.
///
/// It encodes as the text, because it is meant to be handed to the one who may have it, and prints as nothing.
struct Secret: Sendable, Encodable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let value: String

    /// 256 bits of the system's randomness, in characters that need no quoting anywhere.
    static func random() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Secret(value: Base64URL.encode(Data(bytes)))
    }

    /// Compares the digests, in a time that says nothing about where two secrets differ or how long they are.
    func matches(_ candidate: String) -> Bool {
        SHA256.hash(data: Data(self.value.utf8)) == SHA256.hash(data: Data(candidate.utf8))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.value)
    }

    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
