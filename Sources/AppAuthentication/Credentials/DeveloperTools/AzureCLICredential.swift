import Foundation
import OAuthWire

/// The person who is signed in to the Azure CLI on this machine.
public struct AzureCLICredential: TokenCredential {
    /// The name for people.
    public let name = "Azure CLI"
    /// The heading that helps.
    public let troubleshooting = "azure-cli"

    let account: DeveloperAccount
    private let tool: DeveloperTool

    init(account: DeveloperAccount = .default, dependencies: CredentialDependencies) {
        self.account = account
        self.tool = DeveloperTool(
            program: "az",
            message: CredentialMessage.azureCLIUsed,
            folders: dependencies.variable("AzureCLIPath"),
            variables: ["AZURE_CORE_NO_COLOR": "true"],
            dependencies: dependencies
        )
    }

    /// The login of `az`.
    ///
    /// - Parameters:
    ///   - tenantID: The tenant whose account is wanted.
    ///   - subscription: The name or id of a subscription whose account is wanted; not together with a tenant.
    ///   - options: What it reaches the world through.
    public init(
        tenantID: String? = nil,
        subscription: String? = nil,
        options: CredentialOptions = CredentialOptions()
    ) {
        self.init(
            account: DeveloperAccount(tenantID: tenantID, subscription: subscription),
            dependencies: options.dependencies
        )
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        try self.tool.checkResource(context.resource)
        var arguments = ["account", "get-access-token", "-o", "json", "--resource", context.resource]
        let tenantID = context.tenantID ?? self.account.tenantID
        try self.tool.checkAccount(tenantID: tenantID, subscription: self.account.subscription)
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
        let output = try await self.tool.output(arguments: arguments) { Self.reason($0.standardError) }
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

    /// Its own words, and the way out where it cannot get at its own files, as in a service without a home.
    private static func reason(_ standardError: String) -> String? {
        let words = ToolWords(standardError)
        guard words.isAboutItsFiles else { return nil }
        return words.summary
            + "az keeps its login in a folder that it writes to: set AZURE_CONFIG_DIR to one that this user may write to, "
            + "and sign in there.\n"
    }
}
