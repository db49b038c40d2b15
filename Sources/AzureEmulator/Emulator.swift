import FastCGICommand

/// What every command works with: the settings, and what they lead to in the state directory.
struct Emulator: Sendable {
    let settings: Settings
    let directory: Directory
    let signingKey: SigningKey
    /// What App Service's endpoint wants to see in its header.
    let endpointSecret: Secret
    /// Of the applications, by client id.
    let clientSecrets: [String: Secret]

    /// Reads the state, and makes what is missing in it.
    ///
    /// - Throws: ``ConfigurationError`` when a file cannot be used.
    init(settings: Settings) throws {
        let state = try StateDirectory(preparing: settings.stateDirectory)
        self.settings = settings
        self.directory = try DirectoryFile.load(path: settings.identitiesFile)
        self.signingKey = try SigningKey(state: state)
        self.endpointSecret = try state.secret("endpoint-secret")
        self.clientSecrets = try Dictionary(
            uniqueKeysWithValues: self.directory.applications.map { application in
                let clientID = application.identity.clientID
                return (clientID, try application.secret ?? state.secret("client-secret-\(clientID)"))
            }
        )
    }

    var authority: Authority {
        Authority(baseURL: self.settings.baseURL, tenantID: self.settings.tenantID)
    }
}
