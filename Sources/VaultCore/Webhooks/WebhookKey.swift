import Crypto
package import Foundation

/// The secret that messages are signed with, by the rules of Standard Webhooks.
package struct WebhookKey: Sendable {
    private let key: SymmetricKey

    /// Reads `whsec_` and 24 to 64 bytes in Base64; nil for anything else.
    package init?(_ text: String) {
        let prefix = "whsec_"
        guard
            text.hasPrefix(prefix), let bytes = Data(base64Encoded: String(text.dropFirst(prefix.count))),
            (24...64).contains(bytes.count)
        else { return nil }
        self.key = SymmetricKey(data: bytes)
    }

    /// What `webhook-signature` says: HMAC-SHA256 over id, time and body.
    package func signature(id: String, timestamp: Int64, body: Data) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(timestamp).".utf8) + body, using: self.key)
        return "v1," + Data(code).base64EncodedString()
    }
}

extension WebhookKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
