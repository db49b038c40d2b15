import Logging

extension ChainedTokenCredential {
    /// The one credential that a connection string selects, or what the environment and the defaults choose when it is blank.
    convenience init(
        connectionString text: String,
        azureADInstance: AuthorityHost,
        dependencies: CredentialDependencies
    ) throws(AzureServiceTokenProviderError) {
        guard !text.isBlank else {
            let credentials = try DefaultChain(dependencies.variable).credentials
            dependencies.logger.debug(
                "no connection string",
                metadata: [
                    "credentials": "\(credentials.map(\.rawValue))",
                    "environment": "\(EnvironmentCredential.variablesSet(dependencies.variable))",
                ]
            )
            self.init(
                credentials.map { $0.credential(isAlone: credentials.count == 1, dependencies: dependencies) },
                connectionString: nil,
                logger: dependencies.logger
            )
            return
        }
        do {
            let connectionString = try ConnectionStringParser.parse(text)
            for warning in connectionString.warnings {
                dependencies.logger.warning(
                    "a part of the connection string has no effect",
                    metadata: ["reason": "\(warning)"]
                )
            }
            let selection = try connectionString.selection()
            self.init(
                [selection.credential(azureADInstance: azureADInstance, dependencies: dependencies)],
                connectionString: connectionString.redacted,
                logger: dependencies.logger
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
    func credential(azureADInstance: AuthorityHost, dependencies: CredentialDependencies) -> any TokenCredential {
        switch self {
        case .azureCLI(let account):
            AzureCLICredential(account: account, dependencies: dependencies)
        case .azureDeveloperCLI(let account):
            AzureDeveloperCLICredential(account: account, dependencies: dependencies)
        case .azurePowerShell(let account):
            AzurePowerShellCredential(account: account, dependencies: dependencies)
        case .visualStudio:
            UnavailableCredential.visualStudio
        case .integratedAuthentication(let userName):
            IntegratedAuthenticationCredential(userName: userName, dependencies: dependencies)
        case .managedIdentity(let id, let retryTimeout):
            ManagedIdentityCredential(id: id, retryTimeout: retryTimeout, role: .requested, dependencies: dependencies)
        case .clientSecret(let clientID, let tenantID, let secret):
            ClientSecretCredential(
                ApplicationRegistration(
                    clientID: clientID,
                    tenantID: tenantID,
                    azureADInstance: azureADInstance.url
                ),
                secret: secret,
                dependencies: dependencies
            )
        case .certificate(let certificate, let clientID, let tenantID):
            ClientCertificateCredential(
                ApplicationRegistration(
                    clientID: clientID,
                    tenantID: tenantID,
                    azureADInstance: azureADInstance.url
                ),
                store: CertificateStore(certificate.location, dependencies: dependencies),
                identifier: certificate.identifier,
                dependencies: dependencies
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
                        dependencies: dependencies
                    ),
                    AzureCLICredential(dependencies: dependencies),
                    IntegratedAuthenticationCredential(userName: nil, dependencies: dependencies),
                ],
                dependencies: dependencies
            )
        }
    }
}
