/// An access token that the vault handed out: the answer to a POST.
public struct VaultToken: Sendable, Hashable {
    /// The token for the third-party API; a secret.
    public var accessToken: String
    /// When it expires, if the provider said so.
    public var expiry: VaultExpiry?

    /// Creates a token, as a fake of a test does.
    public init(accessToken: String, expiry: VaultExpiry? = nil) {
        self.accessToken = accessToken
        self.expiry = expiry
    }
}

extension VaultToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name of the type; the token itself is a secret.
    public var description: String { "VaultToken(accessToken: <redacted>)" }
    /// The same.
    public var debugDescription: String { self.description }
    /// The expiry, without the token.
    public var customMirror: Mirror {
        Mirror(self, children: ["accessToken": "<redacted>", "expiry": self.expiry as Any], displayStyle: .struct)
    }
}
