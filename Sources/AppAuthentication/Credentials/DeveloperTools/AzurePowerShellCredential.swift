import Foundation
import OAuthWire

/// The person who is signed in to Azure PowerShell on this machine.
public struct AzurePowerShellCredential: TokenCredential {
    /// The name for people.
    public let name = "Azure PowerShell"
    /// The heading that helps.
    public let troubleshooting = "azure-powershell"

    let account: DeveloperAccount
    private let tool: DeveloperTool

    init(account: DeveloperAccount = .default, dependencies: CredentialDependencies) {
        self.account = account
        self.tool = DeveloperTool(
            program: "pwsh",
            message: CredentialMessage.azurePowerShellUsed,
            variables: ["NO_COLOR": "true", "POWERSHELL_UPDATECHECK": "Off"],
            missing: "PowerShell is not installed (pwsh: command not found).",
            dependencies: dependencies
        )
    }

    /// The login of `pwsh`.
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
        let tenantID = context.tenantID ?? self.account.tenantID
        try self.tool.checkAccount(tenantID: tenantID)
        let script = Self.script(resource: context.resource, tenantID: tenantID)
        let output = try await self.tool.output(
            arguments: ["-NoProfile", "-NonInteractive", "-EncodedCommand", Self.encoded(script)]
        ) { Self.reason($0.standardError + $0.standardOutput) }
        if output.contains(Self.noModule) {
            throw self.tool.failure("Az.Accounts module >= 2.2.0 is not installed.")
        }
        // A module may print before the token does: our line is the one that begins as agreed.
        let lines = ToolText(output).plain.split(whereSeparator: \.isNewline)
        guard let line = lines.last(where: { $0.contains(Self.mark) })?.split(separator: Self.mark).last
        else {
            throw self.tool.failure("The output of PowerShell is not in the expected format.")
        }
        let parts = line.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        do {
            let response = TokenResponse(
                accessToken: String(parts[0]),
                expiresOn: parts.dropFirst().first.map(String.init)
            )
            return try response.accessToken(
                principal: response.claims.principal(otherwise: .user),
                now: self.tool.dependencies.now()
            )
        } catch {
            throw self.tool.failure(error.message)
        }
    }

    private static let noModule = "NO_AZ_ACCOUNT_MODULE"
    private static let mark = "azsdk%"

    /// Prints `azsdk%TOKEN%SECONDS`.
    ///
    /// Az.Accounts can hand out the token as a secure string from 2.17 on, does nothing else from 5.0 on, and warns in
    /// between unless it is asked for that.
    private static func script(resource: String, tenantID: String?) -> String {
        """
        $ErrorActionPreference = 'Stop'
        $ProgressPreference = 'SilentlyContinue'
        $module = Import-Module Az.Accounts -MinimumVersion '2.2.0' -PassThru -ErrorAction SilentlyContinue
        if (-not $module) { Write-Output '\(Self.noModule)'; exit 0 }
        $question = @{ ResourceUrl = \(Self.quoted(resource)) }
        \(tenantID.map { "$question.TenantId = \(Self.quoted($0))" } ?? "")
        if ($module.Version -ge [version]'2.17.0' -and $module.Version -lt [version]'5.0.0') {
            $question.AsSecureString = $true
        }
        $answer = Get-AzAccessToken @question
        $token = $answer.Token
        if ($token -is [System.Security.SecureString]) {
            $token = [System.Net.NetworkCredential]::new('', $token).Password
        }
        Write-Output "\(Self.mark)$token%$($answer.ExpiresOn.ToUnixTimeSeconds())"
        """
    }

    /// A literal of PowerShell, for which the four typographic single quotes are single quotes too.
    static func quoted(_ text: String) -> String {
        let quotes: Set<Unicode.Scalar> = ["'", "\u{2018}", "\u{2019}", "\u{201A}", "\u{201B}"]
        var literal = "'".unicodeScalars
        for scalar in text.unicodeScalars {
            literal.append(scalar)
            if quotes.contains(scalar) { literal.append(scalar) }
        }
        literal.append("'")
        return String(literal)
    }

    /// The form of `-EncodedCommand`: nothing in it has to be quoted for anyone.
    private static func encoded(_ script: String) -> String {
        let bytes = script.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        return Data(bytes).base64EncodedString()
    }

    /// What the known messages of PowerShell come down to.
    private static func reason(_ output: String) -> String? {
        if output.contains("Run Connect-AzAccount to login"), !output.contains("AADSTS") {
            return "Please run 'Connect-AzAccount' to set up an account."
        }
        if output.contains("AuthorizationManager check failed") {
            return "The execution policy of PowerShell forbids to run scripts."
        }
        return nil
    }
}
