/// An access token that the vault handed out: the answer to a POST.
package struct VaultToken: Sendable, Hashable {
    /// The token for the third-party API; a secret.
    package var accessToken: String
    /// When it expires, if the provider said so.
    package var expiry: VaultExpiry?

    package init(accessToken: String, expiry: VaultExpiry? = nil) {
        self.accessToken = accessToken
        self.expiry = expiry
    }
}

extension VaultToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "VaultToken(accessToken: <redacted>)" }
    package var debugDescription: String { self.description }
    package var customMirror: Mirror {
        Mirror(self, children: ["accessToken": "<redacted>", "expiry": self.expiry as Any], displayStyle: .struct)
    }
}
