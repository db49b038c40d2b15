import Foundation

/// The person who is signed in to the Azure Developer CLI on this machine.
public struct AzureDeveloperCLICredential: TokenCredential {
    /// The name for people.
    public let name = "Azure Developer CLI"
    /// The heading that helps.
    public let troubleshooting = "azure-developer-cli"

    let account: DeveloperAccount
    private let tool: DeveloperTool

    init(account: DeveloperAccount = .default, dependencies: CredentialDependencies) {
        self.account = account
        self.tool = DeveloperTool(
            program: "azd",
            message: CredentialMessage.azureDeveloperCLIUsed,
            variables: ["NO_COLOR": "true"],
            dependencies: dependencies
        )
    }

    /// The login of `azd`.
    ///
    /// - Parameters:
    ///   - tenantID: The tenant whose account is wanted.
    ///   - options: What it reaches the world through.
    public init(tenantID: String? = nil, options: CredentialOptions = CredentialOptions()) {
        self.init(account: DeveloperAccount(tenantID: tenantID), dependencies: options.dependencies)
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        try self.tool.checkResource(context.resource)
        var arguments = ["auth", "token", "--output", "json", "--no-prompt", "--scope", "\(context.resource)/.default"]
        let tenantID = context.tenantID ?? self.account.tenantID
        try self.tool.checkAccount(tenantID: tenantID)
        if let tenantID { arguments += ["--tenant-id", tenantID] }
        let output = try await self.tool.output(arguments: arguments) { Self.reason($0.standardError) }
        do {
            let response = try ToolText(output).tokenResponse()
            // The moment ends with Z; a version that left it out would mean the same.
            return try response.accessToken(
                principal: response.claims.principal(otherwise: .user),
                now: self.tool.dependencies.now()
            )
        } catch {
            throw self.tool.failure(error.message)
        }
    }

    /// What `azd` said in words for people; nil when it did not say it in JSON.
    private static func reason(_ standardError: String) -> String? {
        let sentences = ToolText(standardError).objects.flatMap { AzureDeveloperCLIMessage($0).sentences }
        let text = sentences.joined(separator: " ")
        let words = (text.isEmpty ? standardError : text).lowercased()
        // With an AADSTS number the login is there, and Entra refused: then its own words say more. So they do when the
        // network failed, after which it gives the same advice.
        if words.contains("not logged in"), !words.contains("aadsts") {
            return "Please run 'azd auth login' to set up an account."
        }
        return text.isEmpty ? nil : text
    }
}
