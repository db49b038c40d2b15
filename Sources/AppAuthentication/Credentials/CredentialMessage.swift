/// The fixed parts of the messages of AppAuthentication for .NET, which people search for.
enum CredentialMessage {
    static let managedIdentityUsed = "Tried to get token using Managed Service Identity."
    static let azureCLIUsed = "Tried to get token using Azure CLI."
    static let azureDeveloperCLIUsed = "Tried to get token using Azure Developer CLI."
    static let azurePowerShellUsed = "Tried to get token using Azure PowerShell."
    static let visualStudioUsed = "Tried to get token using Visual Studio."
    static let integratedAuthenticationUsed =
        "Tried to get token using Active Directory Integrated Authentication."
    static let environmentUsed = "Tried to get token using Environment Variables."
    static let workloadIdentityUsed = "Tried to get token using Workload Identity."
    static let notAcquired = "Access token could not be acquired."
    static let metadataServiceDown =
        "Unable to connect to the Instance Metadata Service (IMDS). "
        + "Skipping request to the Managed Service Identity (MSI) token endpoint."
    static let managedIdentityDown =
        "Unable to connect to the Managed Service Identity (MSI) endpoint. "
        + "Please check that you are running on an Azure resource that has MSI setup."
    static let notRetryable = "Received a non-retryable error."
    static let retryTimeoutReached =
        "Reached retry timeout limit set by MsiRetryTimeout parameter in connection string."
    static let certificateNotFound = "Specified certificate was not found."
    static let keyVaultCertificateFailed = "Specified Key Vault certificate was unable to be retrieved."
    static let tookTooLong = "Process took too long to return the token."
    static let notStartedAgain = "That was less than a minute ago, so it was not started again."

    /// The sentence of AppAuthentication for .NET, which counts the attempts but calls them retries.
    static func failed(afterAttempts attempts: Int) -> String { "Failed after \(attempts) retries." }

    static func nullValue(_ parameter: String) -> String { "Value cannot be null. (Parameter '\(parameter)')" }
}
