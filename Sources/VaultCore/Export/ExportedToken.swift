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

    /// A token as it goes out.
    package init(_ token: StoredToken, provider: String, credential: Credential, isMoved: Bool) {
        self.init(
            service: token.service,
            provider: provider,
            name: token.name,
            displayName: token.displayName,
            returnURLs: token.returnURLs,
            account: token.account,
            credential: credential,
            isMoved: isMoved
        )
    }

    /// Finds out whether it can be taken into a store.
    ///
    /// - Parameters:
    ///   - service: The service of its name there; nil when there is none.
    ///   - present: The token of its name there.
    ///   - replaces: Whether it may take the place of one that has a credential.
    /// - Returns: Why it cannot, for a person; nil when it can.
    package func complaint(
        service: (provider: String, configurationHash: String)?,
        present: StoredToken?,
        replaces: Bool
    ) -> String? {
        guard let service else {
            return "There is no service \(self.service), of the provider \(self.provider), for \(self.name)."
        }
        let hash = self.credential.configurationHash
        guard service.provider == self.provider, hash.isEmpty || service.configurationHash == hash else {
            return "The service \(self.service) has another provider, client id or parameters than where "
                + "\(self.name) comes from."
        }
        // One that was moved away may come back.
        guard let present, present.credential != nil, present.problem != .exported, !replaces else { return nil }
        return "The token \(self.service)/\(self.name) has a credential already."
    }
}

extension ExportedToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
