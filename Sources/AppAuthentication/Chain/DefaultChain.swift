/// Which credentials are tried, and in which order, when no connection string names one.
struct DefaultChain: Sendable, Hashable {
    static let variable = "AZURE_TOKEN_CREDENTIALS"

    let credentials: [CredentialKind]

    /// Reads `AZURE_TOKEN_CREDENTIALS`, and without it makes the default choice.
    ///
    /// - Throws: ``AzureServiceTokenProviderError`` that lists the values that there are.
    init(_ variable: (String) -> String?) throws(AzureServiceTokenProviderError) {
        guard let text = variable(Self.variable)?.trimmed else {
            self.credentials = Self.defaults(variable)
            return
        }
        switch text.lowercased() {
        case "dev":
            self.credentials = [.azureCLI, .azurePowerShell, .azureDeveloperCLI, .integratedAuthentication]
        case "prod":
            self.credentials = [.environment, .workloadIdentity, .managedIdentity]
        case let name:
            guard let credential = CredentialKind.allCases.first(where: { $0.rawValue.lowercased() == name }) else {
                let names = ["dev", "prod"] + CredentialKind.allCases.map(\.rawValue)
                throw .invalidChoice(
                    "\(Self.variable) '\(text)' is not valid. Allowed values are \(names.joined(separator: ", "))."
                )
            }
            self.credentials = [credential]
        }
    }

    /// The three methods that there always are, and before them what the environment leaves no doubt about.
    private static func defaults(_ variable: (String) -> String?) -> [CredentialKind] {
        var credentials: [CredentialKind] = []
        if EnvironmentCredential.isConfigured(variable) { credentials.append(.environment) }
        if WorkloadIdentityCredential.isConfigured(variable) { credentials.append(.workloadIdentity) }
        return credentials + [.managedIdentity, .azureCLI, .integratedAuthentication]
    }
}
