import Testing

@testable import AppAuthentication

struct TroubleshootingAnchorTests {
    private struct Refused: TokenCredential {
        let name = "Azure CLI"
        let troubleshooting = "azure-cli"
        let reason: String

        func token(for context: TokenRequestContext) async throws -> AccessToken {
            throw CredentialFailure(self.reason)
        }
    }

    /// What Entra says of the resource, as its own sentences begin.
    @Test(arguments: [
        ("AADSTS500011: The resource principal named api://x was not found in the tenant named y.", "registration"),
        ("ERROR: AADSTS65001: The user or administrator has not consented to use the application.", "registration"),
        ("invalid_grant: AADSTS501051: Application 'a' is not assigned to a role.", "registration"),
        ("AADSTS700016: Application with identifier 'a' was not found in the directory 'b'.", "azure-cli"),
        ("AADSTS5000112: something else", "azure-cli"), ("500011", "azure-cli"), ("az: command not found", "azure-cli"),
    ])
    func aRefusalThatIsAboutTheResourceLeadsToItsRegistration(reason: String, anchor: String) async throws {
        let chain = ChainedTokenCredential([Refused(reason: reason)])
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await chain.token(for: Sample.context())
        }
        #expect(error?.attempts.map(\.troubleshooting) == [anchor])
        let diagnostic = try await CredentialDiagnostic.run(
            Refused(reason: reason),
            isSelected: true,
            context: Sample.context(),
            limit: .seconds(20),
            clock: ContinuousClock()
        )
        #expect(diagnostic.troubleshooting == anchor)
    }
}
