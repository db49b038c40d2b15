/// The ways to a token that `AZURE_TOKEN_CREDENTIALS` can name, by the names that Microsoft's own libraries have for them.
enum NamedCredential: String, Sendable, Hashable, CaseIterable {
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
    ///   - outside: What it reaches the world through.
    /// - Returns: The credential; whether it can give a token shows when one is wanted.
    func credential(isAlone: Bool, outside: Outside) -> any TokenCredential {
        switch self {
        case .environment:
            return EnvironmentCredential(outside: outside)
        case .workloadIdentity:
            return WorkloadIdentityCredential(clientID: nil, outside: outside)
        case .managedIdentity:
            var credential = ManagedIdentityCredential(
                id: ManagedIdentityID(outside.variable),
                role: isAlone ? .requested : .chained,
                outside: outside
            )
            credential.includesWorkloadIdentity = false
            return credential
        case .azureCLI:
            return AzureCLICredential(outside: outside)
        case .azurePowerShell:
            return AzurePowerShellCredential(outside: outside)
        case .azureDeveloperCLI:
            return AzureDeveloperCLICredential(outside: outside)
        case .integratedAuthentication:
            return IntegratedAuthenticationCredential(userName: nil, outside: outside)
        }
    }
}
