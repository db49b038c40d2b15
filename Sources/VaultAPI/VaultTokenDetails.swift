public import Foundation

/// What a vault tells of a token besides the token itself; each is nil where it does not say so, and all are no secret.
public struct VaultTokenDetails: Sendable, Hashable {
    /// What people call the identity provider.
    public var provider: String?
    /// Whose account it is: an e-mail address or a login name.
    public var account: String?
    /// The scopes that were granted.
    public var scopes: [String]?
    /// When somebody logged in.
    public var loggedInOn: Date?
    /// When the access token was got or renewed.
    public var renewedOn: Date?
    /// When it is to be renewed next.
    public var renewsOn: Date?

    /// Creates details, as a fake of a test does.
    public init(
        provider: String? = nil,
        account: String? = nil,
        scopes: [String]? = nil,
        loggedInOn: Date? = nil,
        renewedOn: Date? = nil,
        renewsOn: Date? = nil
    ) {
        self.provider = provider
        self.account = account
        self.scopes = scopes
        self.loggedInOn = loggedInOn
        self.renewedOn = renewedOn
        self.renewsOn = renewsOn
    }
}

extension VaultTokenDetails {
    /// As they stand in an answer: times of ISO 8601, and nothing for what is not known.
    package struct Body: Encodable {
        private let details: VaultTokenDetails
        /// Whether names begin with a capital letter, as in the answer to a POST.
        private let isPascalCase: Bool

        package init(_ details: VaultTokenDetails, isPascalCase: Bool) {
            self.details = details
            self.isPascalCase = isPascalCase
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Name.self)
            func key(_ name: String) -> Name {
                Name(stringValue: self.isPascalCase ? name.prefix(1).uppercased() + name.dropFirst() : name)
            }
            try container.encodeIfPresent(self.details.provider, forKey: key("provider"))
            try container.encodeIfPresent(self.details.account, forKey: key("account"))
            try container.encodeIfPresent(self.details.scopes, forKey: key("scopes"))
            try container.encodeIfPresent(self.details.loggedInOn?.formatted(.iso8601), forKey: key("loggedInOn"))
            try container.encodeIfPresent(self.details.renewedOn?.formatted(.iso8601), forKey: key("renewedOn"))
            try container.encodeIfPresent(self.details.renewsOn?.formatted(.iso8601), forKey: key("renewsOn"))
        }

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }
}
