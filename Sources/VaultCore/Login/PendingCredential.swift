package import Foundation

/// What a login gave, until `save` makes it the token's.
package struct PendingCredential: Sendable, Hashable {
    /// Of the code that the browser carries back to the application.
    package let codeHash: Data
    package let service: String
    package let token: String
    package let credential: Credential
    package let account: Account?
    package let expiresOn: Date

    package init(
        codeHash: Data,
        service: String,
        token: String,
        credential: Credential,
        account: Account?,
        expiresOn: Date
    ) {
        self.codeHash = codeHash
        self.service = service
        self.token = token
        self.credential = credential
        self.account = account
        self.expiresOn = expiresOn
    }
}

extension PendingCredential {
    /// The place of the credential while it waits.
    package static func field(
        service: String,
        token: String,
        codeHash: Data,
        account: Account?,
        version: Int64
    ) -> SealedField {
        SealedField(
            service: service,
            token: token,
            kind: .pendingCredential,
            version: version,
            binding: [codeHash.base64EncodedString(), account?.subject ?? "", account?.label ?? ""]
        )
    }
}
