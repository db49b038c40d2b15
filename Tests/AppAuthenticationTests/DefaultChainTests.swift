import TestSupport
import Testing

@testable import AppAuthentication

@Suite("DefaultChain")
struct DefaultChainTests {
    private static let servicePrincipal = ["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"]
    private static let workload = ["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "/f"]
    private static let three: [CredentialKind] = [.managedIdentity, .azureCLI, .integratedAuthentication]

    private static func choice(_ environment: [String: String]) throws -> [CredentialKind] {
        try DefaultChain(CredentialDependencies.fake(environment: environment).variable).credentials
    }

    @Test(
        arguments: [
            ([:], Self.three),
            (["AZURE_TOKEN_CREDENTIALS": " "], Self.three),
            (["AZURE_CLIENT_ID": "c"], Self.three),
            (["AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c"], Self.three),
            (["AZURE_TENANT_ID": "t", "AZURE_CLIENT_SECRET": "s"], Self.three),
            (Self.servicePrincipal, [.environment] + Self.three),
            (Self.workload, [.workloadIdentity] + Self.three),
            (Self.servicePrincipal.merging(Self.workload) { $1 }, [.environment, .workloadIdentity] + Self.three),
        ] as [([String: String], [CredentialKind])]
    )
    func byDefaultThereAreThreeAndBeforeThemWhatIsComplete(
        environment: [String: String],
        credentials: [CredentialKind]
    ) throws {
        #expect(try Self.choice(environment) == credentials)
    }

    @Test(
        arguments: [
            ("dev", [.azureCLI, .azurePowerShell, .azureDeveloperCLI, .integratedAuthentication]),
            (" PROD ", [.environment, .workloadIdentity, .managedIdentity]),
            ("EnvironmentCredential", [.environment]),
            ("workloadidentitycredential", [.workloadIdentity]),
            ("ManagedIdentityCredential", [.managedIdentity]),
            ("AZURECLICREDENTIAL", [.azureCLI]),
            ("AzurePowerShellCredential", [.azurePowerShell]),
            ("AzureDeveloperCliCredential", [.azureDeveloperCLI]),
            ("IntegratedAuthenticationCredential", [.integratedAuthentication]),
        ] as [(String, [CredentialKind])]
    )
    func theVariableChooses(text: String, credentials: [CredentialKind]) throws {
        #expect(try Self.choice(Self.servicePrincipal.merging(["AZURE_TOKEN_CREDENTIALS": text]) { $1 }) == credentials)
    }

    @Test(arguments: ["production", "dev,prod", "VisualStudioCredential", "environment"])
    func anythingElseIsRefusedWithWhatThereIs(text: String) {
        let error = #expect(throws: AzureServiceTokenProviderError.self) {
            try Self.choice(["AZURE_TOKEN_CREDENTIALS": text])
        }
        #expect(error?.code == .invalidChoice)
        #expect(error?.attempts.map(\.troubleshooting) == ["choice-of-identity"])
        #expect(
            error?.description == "AZURE_TOKEN_CREDENTIALS '\(text)' is not valid. Allowed values are dev, prod, "
                + "EnvironmentCredential, WorkloadIdentityCredential, ManagedIdentityCredential, AzureCliCredential, "
                + "AzurePowerShellCredential, AzureDeveloperCliCredential, IntegratedAuthenticationCredential."
        )
    }

    @Test(arguments: CredentialKind.allCases)
    func everyNameHasACredential(name: CredentialKind) {
        let credential = name.credential(isAlone: true, dependencies: .fake())
        #expect(!credential.name.isEmpty)
        #expect(!credential.troubleshooting.isEmpty)
    }

    @Test func aManagedIdentityThatIsAloneIsWorthWaitingFor() throws {
        for (isAlone, role) in [(true, ManagedIdentityCredential.Role.requested), (false, .chained)] {
            let credential = CredentialKind.managedIdentity.credential(isAlone: isAlone, dependencies: .fake())
            #expect(try #require(credential as? ManagedIdentityCredential).role == role)
        }
    }

    @Test(
        arguments: [
            ([:], .systemAssigned),
            (["AZURE_CLIENT_ID": "c"], .clientID("c")),
            (["AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": "t"], .clientID("c")),
            (["AZURE_CLIENT_ID": " "], .systemAssigned),
            (["AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"], .systemAssigned),
            (["AZURE_CLIENT_ID": "c", "AZURE_CLIENT_CERTIFICATE_PATH": "/p"], .systemAssigned),
            (["AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "/f"], .systemAssigned),
            (["AZURE_CLIENT_ID": "c", "AZURE_USERNAME": "u"], .systemAssigned),
        ] as [([String: String], ManagedIdentityID)]
    )
    func theClientIDAloneNamesAManagedIdentity(environment: [String: String], id: ManagedIdentityID) throws {
        let dependencies = CredentialDependencies.fake(environment: environment)
        let credential = CredentialKind.managedIdentity.credential(isAlone: false, dependencies: dependencies)
        #expect(try #require(credential as? ManagedIdentityCredential).id == id)
    }
}
