import Crypto
package import Foundation
import OAuthWire

/// 256 random bits that a browser carries: a state, a cookie, a vault code.
///
/// The store keeps its hash, so that who reads the database can use none of them.
package struct RandomSecret: Sendable, Hashable {
    /// 43 letters of base64url.
    package let text: String

    package init() {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        self.text = Base64URL.encode(Data(bytes))
    }

    /// Takes one back from a browser; nil for what never was one.
    package init?(_ text: String) {
        guard text.utf8.count == 43, let bytes = Base64URL.decode(text), bytes.count == 32 else { return nil }
        self.text = text
    }

    private init(bytes: some Sequence<UInt8>) {
        self.text = Base64URL.encode(Data(bytes))
    }

    /// Another one, which only who has both can make, and for these parts alone.
    package func bound(to other: RandomSecret, parts: [String]) -> RandomSecret {
        let bytes = LengthPrefixed.encode([self.text] + parts)
        return RandomSecret(
            bytes: HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: Data(other.text.utf8)))
        )
    }

    package var hash: Data { Data(SHA256.hash(data: Data(self.text.utf8))) }

    /// The S256 challenge of one that is a code verifier (RFC 7636 section 4.2).
    package var challenge: String { Base64URL.encode(self.hash) }
}

extension RandomSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
