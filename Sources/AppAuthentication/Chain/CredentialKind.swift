/// The ways to a token that `AZURE_TOKEN_CREDENTIALS` can name, by the names that Microsoft's own libraries have for them.
enum CredentialKind: String, Sendable, Hashable, CaseIterable {
    case environment = "EnvironmentCredential"
    case workloadIdentity = "WorkloadIdentityCredential"
    case managedIdentity = "ManagedIdentityCredential"
    case azureCLI = "AzureCliCredential"
    case azurePowerShell = "AzurePowerShellCredential"
    case azureDeveloperCLI = "AzureDeveloperCliCredential"
    /// No other library has it on Linux.
    case integratedAuthentication = "IntegratedAuthenticationCredential"

    /// Makes the credential.
    ///
    /// - Parameters:
    ///   - isAlone: Whether there is no other to go on with, so that it is worth waiting for.
    ///   - dependencies: What it reaches the world through.
    /// - Returns: The credential; whether it can give a token shows when one is wanted.
    func credential(isAlone: Bool, dependencies: CredentialDependencies) -> any TokenCredential {
        switch self {
        case .environment:
            return EnvironmentCredential(dependencies: dependencies)
        case .workloadIdentity:
            return WorkloadIdentityCredential(clientID: nil, dependencies: dependencies)
        case .managedIdentity:
            var credential = ManagedIdentityCredential(
                id: ManagedIdentityID(dependencies.variable),
                role: isAlone ? .requested : .chained,
                dependencies: dependencies
            )
            credential.includesWorkloadIdentity = false
            return credential
        case .azureCLI:
            return AzureCLICredential(dependencies: dependencies)
        case .azurePowerShell:
            return AzurePowerShellCredential(dependencies: dependencies)
        case .azureDeveloperCLI:
            return AzureDeveloperCLICredential(dependencies: dependencies)
        case .integratedAuthentication:
            return IntegratedAuthenticationCredential(userName: nil, dependencies: dependencies)
        }
    }
}
