import Foundation
import OAuthWire

/// The person who is signed in to the Azure CLI on this machine.
struct AzureCLICredential: TokenCredential {
    let name = "Azure CLI"
    let troubleshooting = "azure-cli"

    let account: DeveloperAccount
    private let tool: DeveloperTool

    init(account: DeveloperAccount = .default, dependencies: CredentialDependencies) {
        self.account = account
        self.tool = DeveloperTool(
            program: "az",
            message: CredentialMessage.azureCLIUsed,
            folders: dependencies.environment["AzureCLIPath"],
            variables: ["AZURE_CORE_NO_COLOR": "true"],
            dependencies: dependencies
        )
    }

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        try self.tool.checkResource(context.resource)
        var arguments = ["account", "get-access-token", "-o", "json", "--resource", context.resource]
        let tenantID = context.tenantID ?? self.account.tenantID
        if let tenantID { arguments += ["--tenant", tenantID] }
        if let subscription = self.account.subscription {
            // az refuses the two together, and it takes it half a second to say so.
            guard tenantID == nil else {
                throw self.tool.failure(
                    "Only one of tenant and subscription can choose the account. Ask for no tenant, or take "
                        + "Subscription out of the connection string."
                )
            }
            arguments += ["--subscription", subscription]
        }
        let output = try await self.tool.output(arguments: arguments)
        do {
            let response = try ToolText(output).tokenResponse()
            return try response.accessToken(
                principal: response.claims.principal(otherwise: .user, tenantID: response.tenantID),
                now: self.tool.dependencies.now(),
                zone: self.tool.dependencies.zone
            )
        } catch {
            throw self.tool.failure(error.message)
        }
    }
}
