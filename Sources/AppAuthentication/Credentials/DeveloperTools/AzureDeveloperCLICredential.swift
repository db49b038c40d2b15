import Foundation

/// The person who is signed in to the Azure Developer CLI on this machine.
struct AzureDeveloperCLICredential: TokenCredential {
    let name = "Azure Developer CLI"
    let troubleshooting = "azure-developer-cli"

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

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        try self.tool.checkResource(context.resource)
        var arguments = ["auth", "token", "--output", "json", "--no-prompt", "--scope", "\(context.resource)/.default"]
        if let tenantID = context.tenantID ?? self.account.tenantID { arguments += ["--tenant-id", tenantID] }
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

    /// One line of standard error, where `azd` speaks JSON: of two kinds, the older one with the text further inside.
    private struct Line: Decodable {
        struct Inner: Decodable {
            let message: String?
        }

        let message: String?
        let suggestion: String?
        let data: Inner?
    }

    /// What `azd` said in words for people; nil when it did not say it in JSON.
    private static func reason(_ standardError: String) -> String? {
        let texts = standardError.split(whereSeparator: \.isNewline).flatMap { text -> [String] in
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else { return [] }
            return [line.message ?? line.data?.message, line.suggestion].compactMap { $0?.trimmed }
        }
        let text = texts.filter { !$0.isEmpty }.joined(separator: " ")
        let isSignedOut = (text.isEmpty ? standardError : text).contains("azd auth login")
        // With an AADSTS number the login is there, and Entra refused: then its own words say more.
        if isSignedOut, !standardError.contains("AADSTS") { return "Please run 'azd auth login' to set up an account." }
        return text.isEmpty ? nil : text
    }
}
