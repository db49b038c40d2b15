/// A token on its way to another store, with its secrets.
package struct ExportedToken: Sendable, Hashable, Codable {
    package let service: String
    package let provider: String
    package let name: String
    package let displayName: String
    package let returnURLs: [String]
    package let account: Account?
    package let credential: Credential
    /// Whether its grant lives in one store only, and was ended in the one that it comes from.
    package let isMoved: Bool

    package init(
        service: String,
        provider: String,
        name: String,
        displayName: String,
        returnURLs: [String],
        account: Account?,
        credential: Credential,
        isMoved: Bool
    ) {
        self.service = service
        self.provider = provider
        self.name = name
        self.displayName = displayName
        self.returnURLs = returnURLs
        self.account = account
        self.credential = credential
        self.isMoved = isMoved
    }
}

extension ExportedToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
