/// Why a connection string is refused, in the words of AppAuthentication for .NET.
///
/// The connection string in a text is always its redacted form.
struct ConnectionStringError: Error, Sendable, Hashable {
    let message: String

    private init(_ message: String) {
        self.message = message
    }

    static let empty = Self("Connection string is empty.")

    static func improperFormat(_ connectionString: String) -> Self {
        Self(
            "Connection string \(connectionString) is not in a proper format. "
                + "Expected format is Key1=Value1;Key2=Value2;"
        )
    }

    static func repeatedKey(_ key: String, connectionString: String) -> Self {
        Self("Connection string \(connectionString) is not in a proper format. Key '\(key)' is repeated.")
    }

    static func missingAttribute(_ key: ConnectionString.Key, connectionString: String) -> Self {
        .invalid(connectionString, "Must contain '\(key.rawValue)' attribute and it must not be empty.")
    }

    static func developerTool(_ value: String, connectionString: String) -> Self {
        // The sentence of AppAuthentication for .NET, and what this library adds to it.
        .invalid(
            connectionString,
            "DeveloperTool '\(value)' is not valid. Allowed values are AzureCLI or VisualStudio, "
                + "and here AzureDeveloperCLI or AzurePowerShell too"
        )
    }

    static func tenantAndSubscription(connectionString: String) -> Self {
        .invalid(connectionString, "Only one of TenantId and Subscription can choose the account of the Azure CLI.")
    }

    static func subscriptionWithoutCLI(connectionString: String) -> Self {
        .invalid(connectionString, "Subscription chooses an account of the Azure CLI only. Use TenantId.")
    }

    static func accountFormat(_ key: ConnectionString.Key, connectionString: String) -> Self {
        .invalid(connectionString, "\(key.rawValue) has characters that it cannot have.")
    }

    static func runAs(_ value: String, connectionString: String) -> Self {
        // The two spaces are those of AppAuthentication for .NET.
        .invalid(
            connectionString,
            "RunAs value '\(value)' is not valid.  Allowed values are Developer, CurrentUser, or App"
        )
    }

    static func missingCertificate(connectionString: String) -> Self {
        .invalid(
            connectionString,
            "Must contain at least one of CertificateSubjectName or CertificateThumbprint attributes."
        )
    }

    static func storeLocation(_ value: String, connectionString: String) -> Self {
        .invalid(
            connectionString,
            "StoreLocation \(value) is not valid. Valid values are CurrentUser and LocalMachine."
        )
    }

    static func missingStoreLocation(connectionString: String) -> Self {
        .invalid(
            connectionString,
            "Must contain 'CertificateStoreLocation' attribute and it must not be empty "
                + "when using 'CertificateThumbprint' and 'CertificateSubjectName' attributes"
        )
    }

    static func severalIdentities(connectionString: String) -> Self {
        .invalid(connectionString, "Only one of AppId, ObjectId and ResourceId can name a managed identity.")
    }

    static func retryTimeout(_ value: String, connectionString: String) -> Self {
        .invalid(connectionString, Self.negativeRetryTimeout(value).message)
    }

    /// This one does not show the connection string.
    static func negativeRetryTimeout(_ value: String) -> Self {
        Self("MsiRetryTimeout \(value) is not valid. Valid values are integers greater than or equal to 0.")
    }

    static let missingCertificateIdentifier = Self("Value cannot be null. (Parameter 'certificateIdentifier')")

    private static func invalid(_ connectionString: String, _ what: String) -> Self {
        Self("Connection string \(connectionString) is not valid. \(what)")
    }
}
