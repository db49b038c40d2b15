/// An access token that the vault handed out: the answer to a POST.
public struct VaultToken: Sendable, Hashable {
    /// The token for the third-party API; a secret.
    public var accessToken: String
    /// When it expires, if the provider said so.
    public var expiry: VaultExpiry?
    /// What else the vault says of it; nil for a vault that says nothing.
    public var details: VaultTokenDetails?

    /// Creates a token, as a fake of a test does.
    public init(accessToken: String, expiry: VaultExpiry? = nil, details: VaultTokenDetails? = nil) {
        self.accessToken = accessToken
        self.expiry = expiry
        self.details = details
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
