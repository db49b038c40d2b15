/// A credential that can be asked for but has no way to a token here: it says so when a token is wanted.
struct UnavailableCredential: TokenCredential {
    let name: String
    let troubleshooting: String
    let reason: String

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        throw CredentialFailure(self.reason)
    }
}

extension UnavailableCredential {
    static let visualStudio = Self(
        name: "Visual Studio",
        troubleshooting: "visual-studio",
        reason: "\(CredentialMessage.visualStudioUsed) \(CredentialMessage.notAcquired) "
            + "Visual Studio does not run on Linux, so it is not available in this version. "
            + "Use DeveloperTool=AzureCLI."
    )
}
