import OAuthWire

/// Which credential a connection string selects, with everything that it says about it.
enum CredentialSelection: Sendable, Hashable {
    case azureCLI(DeveloperAccount)
    case azureDeveloperCLI(DeveloperAccount)
    case azurePowerShell(DeveloperAccount)
    case visualStudio
    /// The person with a Kerberos ticket, with this sign-in name where the ticket does not tell it.
    case integratedAuthentication(userName: String?)
    case managedIdentity(ManagedIdentityID, retryTimeout: Duration?)
    case clientSecret(clientID: String, tenantID: String, secret: Secret)
    case certificate(CertificateReference, clientID: String, tenantID: String)
    case keyVaultCertificate(KeyVaultCertificateReference, clientID: String, tenantID: String?)
}

/// A certificate in a store of the machine.
struct CertificateReference: Sendable, Hashable {
    enum Identifier: Sendable, Hashable {
        case thumbprint(String)
        case subjectName(String)
    }

    enum StoreLocation: Sendable, Hashable {
        case currentUser
        case localMachine

        /// Reads a name in any case, or the number that .NET gives the location.
        init?(_ text: String) {
            switch text.trimmed.lowercased() {
            case "currentuser", "1": self = .currentUser
            case "localmachine", "2": self = .localMachine
            default: return nil
            }
        }
    }

    let identifier: Identifier
    let location: StoreLocation
}

/// A certificate in a Key Vault, and how to get there.
struct KeyVaultCertificateReference: Sendable, Hashable {
    let secretIdentifier: String
    /// The client id of the managed identity that reads the vault.
    let managedIdentityClientID: String?
    /// In seconds, as written: a negative number is an error only when a token is wanted.
    let retryTimeout: Int32
}
