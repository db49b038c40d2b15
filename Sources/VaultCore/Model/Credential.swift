import Crypto
package import Foundation

/// What a provider gave for a token: secrets, and what goes with them.
package struct Credential: Sendable, Hashable, Codable {
    package let accessToken: String
    /// Nil when the provider gave no time.
    package let expiresOn: Date?
    package let refreshToken: String?
    package let refreshExpiresOn: Date?
    /// Other values of the provider's answer that later calls need.
    package let extraValues: [String: String]
    /// The scopes that were granted; nil when the provider did not say.
    package let scopes: [String]?
    /// The ``ServiceConfiguration/hash`` of the service that it was got with; empty for one that came another way.
    package let configurationHash: String

    package init(
        accessToken: String,
        expiresOn: Date? = nil,
        refreshToken: String? = nil,
        refreshExpiresOn: Date? = nil,
        extraValues: [String: String] = [:],
        scopes: [String]? = nil,
        configurationHash: String = ""
    ) {
        self.accessToken = accessToken
        self.expiresOn = expiresOn
        self.refreshToken = refreshToken
        self.refreshExpiresOn = refreshExpiresOn
        self.extraValues = extraValues
        self.scopes = scopes
        self.configurationHash = configurationHash
    }

    /// By which a refresh token is known again without being opened.
    package static func digest(_ refreshToken: String) -> Data {
        Data(SHA256.hash(data: Data(refreshToken.utf8)))
    }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
