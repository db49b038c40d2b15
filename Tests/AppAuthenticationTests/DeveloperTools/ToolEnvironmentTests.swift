import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("ToolEnvironment", .timeLimit(.minutes(5)))
struct ToolEnvironmentTests {
    /// Everything by which this library proves who the application is.
    private static let secrets = [
        "AzureServicesAuthConnectionString": "RunAs=App;AppKey=s3cret", "AZURE_CLIENT_SECRET": "s3cret",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD": "s3cret", "AZURE_PASSWORD": "s3cret", "AZURE_FEDERATED_TOKEN": "s3cret",
        "IDENTITY_HEADER": "s3cret", "MSI_SECRET": "s3cret",
        "APPSETTING_AzureServicesAuthConnectionString": "s3cret", "APPSETTING_AZURE_CLIENT_SECRET": "s3cret",
        "azure_client_secret": "s3cret", "TOKEN_PAGE_SECRET": "s3cret",
    ]

    /// What a tool may need, the keys of its own login among it.
    private static let harmless = [
        "HOME": "/home/x", "LANG": "C", "https_proxy": "http://proxy", "AZURE_CONFIG_DIR": "/az",
        "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.us", "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c",
        "AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem", "AZURE_FEDERATED_TOKEN_FILE": "/f", "AZD_AUTH_KEY": "its own",
        "AZD_AUTH_ENDPOINT": "http://127.0.0.1:1", "REQUESTS_CA_BUNDLE": "/ca.pem",
        "IMDS_ENDPOINT": "http://localhost:1",
    ]

    @Test func secretsStayAndAllElseIsHandedOn() {
        #expect(ToolEnvironment.variables(of: Self.secrets.merging(Self.harmless) { $1 }) == Self.harmless)
    }

    @Test(
        arguments: [
            // Without its header an endpoint of App Service would be taken for one of Azure Arc, or of none.
            (["IDENTITY_ENDPOINT": "e", "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": "t"], []),
            (["IDENTITY_ENDPOINT": "e", "IDENTITY_HEADER": "h", "IDENTITY_API_VERSION": "v", "A": "b"], ["A"]),
            (["IDENTITY_ENDPOINT": "e", "IMDS_ENDPOINT": "i"], ["IDENTITY_ENDPOINT", "IMDS_ENDPOINT"]),
            (["MSI_ENDPOINT": "e", "MSI_SECRET": "s"], []),
            // Cloud Shell has an endpoint and no secret, and `az` needs it there.
            (["MSI_ENDPOINT": "e"], ["MSI_ENDPOINT"]),
            (["MSI_ENDPOINT": "e", "MSI_SECRET": " "], ["MSI_ENDPOINT"]),
            (["APPSETTING_MSI_ENDPOINT": "e", "MSI_ENDPOINT": "e", "MSI_SECRET": "s"], []),
        ] as [([String: String], Set<String>)]
    )
    func anEndpointGoesWithItsSecret(environment: [String: String], kept: Set<String>) {
        #expect(Set(ToolEnvironment.variables(of: environment).keys) == kept)
    }

    /// The tools as they are really started: in the place of each is a program that prints its environment.
    @Test(arguments: ["az", "azd", "pwsh"])
    func noToolSeesASecret(program: String) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let folder = directory.path(percentEncoded: false)
        // A link to a program that is there already: one that was just written could still be open in somebody's child.
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(program)", withDestinationPath: "/usr/bin/env")
        var environment = Self.secrets.merging(Self.harmless) { $1 }
        environment["PATH"] = folder
        environment["AzureCLIPath"] = folder
        let printed = Box("")
        let runner = FakeCommandRunner { command in
            var command = command
            command.arguments = []
            // Not a tool that this machine has.
            command.environment["PATH"] = folder
            let result = try await SubprocessCommandRunner().run(command)
            printed.withLock { $0 = result.standardOutput }
            return result
        }
        let dependencies = CredentialDependencies.fake(environment: environment, commandRunner: runner)
        let credential: any TokenCredential =
            switch program {
            case "az": AzureCLICredential(dependencies: dependencies)
            case "azd": AzureDeveloperCLICredential(dependencies: dependencies)
            default: AzurePowerShellCredential(dependencies: dependencies)
            }
        // What they print is no token.
        await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(printed.value.contains("HOME=/home/x\n"))
        #expect(!printed.value.contains("s3cret"))
    }
}
