import OAuthWire

/// A connection string that was read: pairs of a key and a value.
///
/// It may hold a secret, so it prints nothing but its redacted form.
struct ConnectionString: Sendable {
    struct Pair: Sendable {
        /// As written, with `==` read as `=`.
        let key: String
        let value: String
        /// Where the value stands in the text, quotes included.
        let span: Range<String.Index>
        /// Where the key begins.
        let start: String.Index
    }

    /// The keys that select a credential.
    ///
    /// Any other key is accepted and has no effect.
    enum Key: String, CaseIterable {
        case runAs = "RunAs"
        case developerTool = "DeveloperTool"
        /// Chooses an account of the Azure CLI; an addition, as is `TenantId` for a developer tool.
        case subscription = "Subscription"
        case appID = "AppId"
        /// Names a managed identity; an addition, as is the next.
        case objectID = "ObjectId"
        case resourceID = "ResourceId"
        case tenantID = "TenantId"
        case appKey = "AppKey"
        case certificateThumbprint = "CertificateThumbprint"
        case certificateSubjectName = "CertificateSubjectName"
        case certificateStoreLocation = "CertificateStoreLocation"
        case keyVaultCertificateSecretIdentifier = "KeyVaultCertificateSecretIdentifier"
        case keyVaultUserAssignedManagedIdentityID = "KeyVaultUserAssignedManagedIdentityId"
        case msiRetryTimeout = "MsiRetryTimeout"
        case userName = "UserName"
    }

    /// The text with the values of secret keys replaced, fit for errors and logs.
    let redacted: String

    /// What is in it and has no effect, in sentences without secrets.
    let warnings: [String]

    private let values: [String: String]
    private let secrets: [Secret]

    /// Takes over what the parser found; a key counts once, whatever the case of its letters.
    init(text: String, pairs: [Pair]) throws(ConnectionStringError) {
        self.redacted = Self.redact(text, pairs: pairs)
        self.warnings = Self.warnings(pairs)
        self.secrets = pairs.filter { Self.isSecret(key: $0.key) }.map { Secret($0.value) }
        var values: [String: String] = [:]
        for pair in pairs {
            guard values.updateValue(pair.value, forKey: pair.key.lowercased()) == nil else {
                throw .repeatedKey(pair.key, connectionString: self.redacted)
            }
        }
        self.values = values
    }

    /// The value of a key; nil when the key is absent, empty when it is there without a value.
    func value(_ key: Key) -> String? {
        self.values[key.rawValue.lowercased()]
    }

    /// A value as an error may show it: without the secret that a forgotten semicolon put into it, or a slip of the hand.
    func shown(_ value: String) -> String {
        Redaction.removing(self.secrets.map(\.value), from: Self.redact(value: value))
    }

    /// The value of a key that has to be there.
    func requiredValue(_ key: Key) throws(ConnectionStringError) -> String {
        guard let value = self.value(key), !value.isBlank else {
            throw .missingAttribute(key, connectionString: self.redacted)
        }
        return value
    }
}

extension ConnectionString: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { self.redacted }
    var debugDescription: String { self.redacted }
    var customMirror: Mirror { Mirror(self, children: ["redacted": self.redacted]) }
}
