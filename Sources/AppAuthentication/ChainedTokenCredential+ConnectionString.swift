import Logging

extension ChainedTokenCredential {
    /// The one credential that a connection string selects, or what the environment and the defaults choose when it is blank.
    convenience init(
        connectionString text: String,
        azureADInstance: AzureADInstance,
        outside: Outside
    ) throws(AzureServiceTokenProviderError) {
        guard !text.isBlank else {
            let credentials = try CredentialChoice(outside.variable).credentials
            outside.logger.debug(
                "no connection string",
                metadata: [
                    "credentials": "\(credentials.map(\.rawValue))",
                    "environment": "\(EnvironmentCredential.variablesSet(outside.variable))",
                ]
            )
            self.init(
                credentials.map { $0.credential(isAlone: credentials.count == 1, outside: outside) },
                logger: outside.logger
            )
            return
        }
        do {
            let connectionString = try ConnectionStringParser.parse(text)
            let selection = try connectionString.selection()
            self.init(
                [selection.credential(azureADInstance: azureADInstance, outside: outside)],
                connectionString: connectionString.redacted,
                logger: outside.logger
            )
        } catch {
            throw .invalidConnectionString(error.message)
        }
    }
}

extension CredentialSelection {
    /// The credential itself.
    ///
    /// Those that are not built here say so when a token is wanted.
    func credential(azureADInstance: AzureADInstance, outside: Outside) -> any TokenCredential {
        switch self {
        case .azureCLI(let account):
            AzureCLICredential(account: account, outside: outside)
        case .azureDeveloperCLI(let account):
            AzureDeveloperCLICredential(account: account, outside: outside)
        case .azurePowerShell(let account):
            AzurePowerShellCredential(account: account, outside: outside)
        case .visualStudio:
            UnavailableCredential.visualStudio
        case .integratedAuthentication(let userName):
            IntegratedAuthenticationCredential(userName: userName, outside: outside)
        case .managedIdentity(let id, let retryTimeout):
            ManagedIdentityCredential(id: id, retryTimeout: retryTimeout, role: .requested, outside: outside)
        case .clientSecret(let clientID, let tenantID, let secret):
            ClientSecretCredential(
                clientID: clientID,
                tenantID: tenantID,
                secret: secret,
                azureADInstance: azureADInstance.url,
                outside: outside
            )
        case .certificate(let certificate, let clientID, let tenantID):
            ClientCertificateCredential(
                clientID: clientID,
                tenantID: tenantID,
                store: CertificateStore(certificate.location, outside: outside),
                identifier: certificate.identifier,
                azureADInstance: azureADInstance.url,
                outside: outside
            )
        case .keyVaultCertificate(let certificate, let clientID, let tenantID):
            KeyVaultCertificateCredential(
                clientID: clientID,
                tenantID: tenantID,
                certificate: certificate,
                azureADInstance: azureADInstance.url,
                readers: [
                    ManagedIdentityCredential(
                        clientID: certificate.managedIdentityClientID,
                        retryTimeout: certificate.retryTimeout > 0 ? .seconds(certificate.retryTimeout) : nil,
                        role: .chained,
                        outside: outside
                    ),
                    AzureCLICredential(outside: outside),
                    IntegratedAuthenticationCredential(userName: nil, outside: outside),
                ],
                outside: outside
            )
        }
    }
}
