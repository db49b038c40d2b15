import ProgramSupport

/// What every command works with: the settings, and what they lead to in the state directory.
struct Emulator: Sendable {
    let settings: Settings
    let directory: Directory
    let signingKey: SigningKey
    /// What App Service's endpoint wants to see in its header.
    let endpointSecret: Secret
    /// Of the one client of the OAuth provider.
    let oauthClientSecret: Secret
    /// Of the applications, by client id.
    let clientSecrets: [String: Secret]
    /// Of the applications, by client id.
    let clientCertificates: [String: RegisteredCertificate]
    let keyVaultKeys: KeyVaultKeys

    /// Reads the state, and makes what is missing in it.
    ///
    /// - Throws: ``ConfigurationError`` when a file cannot be used.
    init(settings: Settings) throws {
        let state = try StateDirectory(preparing: settings.stateDirectory)
        self.settings = settings
        self.directory = try DirectoryFile.load(path: settings.identitiesFile)
        self.signingKey = try SigningKey(state: state)
        self.endpointSecret = try state.secret("endpoint-secret")
        self.oauthClientSecret = try state.secret("oauth-client-secret")
        self.keyVaultKeys = KeyVaultKeys(state: state)
        self.clientSecrets = try Dictionary(
            uniqueKeysWithValues: self.directory.applications.map { application in
                let clientID = application.identity.clientID
                return (clientID, try application.secret ?? state.secret("client-secret-\(clientID)"))
            }
        )
        self.clientCertificates = try Dictionary(
            uniqueKeysWithValues: self.directory.applications.map { application in
                let clientID = application.identity.clientID
                return (clientID, try application.certificate ?? Self.certificate(of: application.identity, in: state))
            }
        )
    }

    var authority: Authority {
        Authority(baseURL: self.settings.baseURL, tenantID: self.settings.tenantID)
    }

    /// The file with the key and the certificate of an application for which nobody configured one.
    static func certificateFile(of identity: Identity, in state: StateDirectory) -> PrivateFile {
        state.file("client-certificate-\(identity.clientID).pem")
    }

    private static func certificate(of identity: Identity, in state: StateDirectory) throws -> RegisteredCertificate {
        let file = Self.certificateFile(of: identity, in: state)
        let pem = try file.contents { try RegisteredCertificate.generate(name: identity.name) }
        do {
            return try RegisteredCertificate(pem: pem)
        } catch {
            throw ConfigurationError("\(file.path) holds no certificate of an RSA key in PEM; restore or remove it.")
        }
    }
}
