package import Foundation

/// A login between `/login` and `/redirect`.
package struct PendingLogin: Sendable, Hashable {
    /// What must not be read by who reads the database.
    package struct Secrets: Sendable, Hashable, Codable {
        package let codeVerifier: String?
        package let nonce: String?

        package init(codeVerifier: String?, nonce: String? = nil) {
            self.codeVerifier = codeVerifier
            self.nonce = nonce
        }
    }

    package let stateHash: Data
    /// Of the cookie that binds the two requests to one browser.
    package let cookieHash: Data
    package let service: String
    package let token: String
    package let returnURL: String
    /// The `redirect_uri` that the provider was given.
    package let redirectURI: String
    /// Of the service as it was when the login began.
    package let configurationHash: String
    package let secrets: Secrets
    package let expiresOn: Date

    package init(
        stateHash: Data,
        cookieHash: Data,
        service: String,
        token: String,
        returnURL: String,
        redirectURI: String,
        configurationHash: String,
        secrets: Secrets,
        expiresOn: Date
    ) {
        self.stateHash = stateHash
        self.cookieHash = cookieHash
        self.service = service
        self.token = token
        self.returnURL = returnURL
        self.redirectURI = redirectURI
        self.configurationHash = configurationHash
        self.secrets = secrets
        self.expiresOn = expiresOn
    }
}

extension PendingLogin.Secrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension PendingLogin {
    /// The place of its secrets: nothing beside them can be changed without them.
    package func field(version: Int64) -> SealedField {
        SealedField(
            service: self.service,
            token: self.token,
            kind: .loginSecrets,
            version: version,
            binding: [
                self.stateHash.base64EncodedString(), self.cookieHash.base64EncodedString(), self.returnURL,
                self.redirectURI, self.configurationHash,
            ]
        )
    }
}
