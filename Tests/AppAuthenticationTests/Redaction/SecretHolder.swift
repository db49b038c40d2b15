import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

/// One way to a token, with the secrets that it holds.
struct SecretHolder: Sendable, CustomTestStringConvertible {
    /// The same in every spelling, since nothing ever has to be escaped in it.
    static let kernel = "S3cretKernel42"
    /// What forms, queries, JSON and connection strings write in another way.
    static let secret = "\(kernel)&=/+ \"'ü%\\"

    let name: String
    var connectionString = ""
    var environment: [String: String] = [:]
    /// What must not be seen besides the secret, the tokens and whatever was sent in confidence.
    var others: [String] = []
    /// Answers that are not just a token; nil for those that are.
    var script: @Sendable (TransportRequest) -> TransportResponse? = { _ in nil }
    /// The credentials, where the settings alone do not lead to them.
    var credentials: @Sendable (CredentialDependencies) -> [any TokenCredential]? = { _ in nil }

    var testDescription: String { self.name }

    private static let application = ["AZURE_TENANT_ID": Sample.tenantID, "AZURE_CLIENT_ID": Sample.appID]
    private static let endpoint = "http://127.0.0.1:1/token"

    private static var inTenant: String { "RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID)" }

    /// The value as a connection string quotes it.
    private static var quotedSecret: String { "\"\(Self.secret.replacing("\"", with: "\"\""))\"" }

    /// Those that need no more than settings.
    static let plain: [SecretHolder] = [
        SecretHolder(name: "client secret", connectionString: "\(inTenant);AppKey=\(quotedSecret)"),
        SecretHolder(
            name: "environment, secret",
            environment: Self.application.merging([
                "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_CLIENT_SECRET": secret,
            ]) { $1 }
        ),
        SecretHolder(
            name: "App Service",
            connectionString: "RunAs=App",
            environment: ["IDENTITY_ENDPOINT": endpoint, "IDENTITY_HEADER": secret]
        ),
        SecretHolder(
            name: "App Service before 2019, Azure Machine Learning",
            connectionString: "RunAs=App",
            environment: ["MSI_ENDPOINT": endpoint, "MSI_SECRET": secret]
        ),
        SecretHolder(name: "Cloud Shell", connectionString: "RunAs=App", environment: ["MSI_ENDPOINT": endpoint]),
        SecretHolder(
            name: "metadata service",
            connectionString: "RunAs=App",
            environment: ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1"]
        ),
        SecretHolder(
            name: "default order",
            environment: Self.application.merging([
                "AZURE_CLIENT_SECRET": secret, "AZURE_FEDERATED_TOKEN_FILE": "/nowhere", "IDENTITY_ENDPOINT": endpoint,
                "IDENTITY_HEADER": secret,
            ]) { $1 }
        ),
    ]

    /// The developer tools, started by a process that has secrets of its own.
    static let tools = [("AzureCLI", "az"), ("AzureDeveloperCLI", "azd"), ("AzurePowerShell", "pwsh")].map {
        tool,
        name in
        SecretHolder(
            name: name,
            connectionString: "RunAs=Developer;DeveloperTool=\(tool)",
            environment: [
                "AzureServicesAuthConnectionString": secret, "AZURE_CLIENT_SECRET": secret, "IDENTITY_HEADER": secret,
                "MSI_SECRET": secret,
            ]
        )
    }

    /// Those that need a certificate, whose private key is a secret as well.
    static func certificates(_ fixture: CertificateFixture) throws -> [SecretHolder] {
        let key = try fixture.read("own.key").split(separator: "\n").filter { !$0.hasPrefix("-") }.map(String.init)
        let file = try Data(contentsOf: URL(fileURLWithPath: "\(fixture.path)/open.pfx")).base64EncodedString()
        let pieces = stride(from: 0, to: file.count - 64, by: 64).map { String(file.dropFirst($0).prefix(64)) }
        let folder = "\(fixture.path)/.config/azure-app-authentication/certificates"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["own.pfx", "own.pem"] {
            try? FileManager.default.copyItem(atPath: "\(fixture.path)/\(name)", toPath: "\(folder)/\(name)")
        }
        let fromFile = ["own.pem", "own.pfx"].map { name in
            SecretHolder(
                name: "environment, certificate \(name)",
                environment: Self.application.merging([
                    "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
                    "AZURE_CLIENT_CERTIFICATE_PATH": "\(fixture.path)/\(name)",
                    "AZURE_CLIENT_CERTIFICATE_PASSWORD": name.hasSuffix("pfx") ? Self.password : "",
                ]) { $1 },
                others: key
            )
        }
        let store = SecretHolder(
            name: "certificate store",
            connectionString: "\(inTenant);CertificateSubjectName=CN=own;CertificateStoreLocation=CurrentUser",
            environment: ["HOME": fixture.path, "AZURE_CLIENT_CERTIFICATE_PASSWORD": Self.password],
            others: key
        )
        let challenge =
            "Bearer authorization=\"https://login.windows.net/\(Sample.tenantID)\", resource=\"https://vault.azure.net\""
        let vault = SecretHolder(
            name: "Key Vault certificate",
            connectionString: "RunAs=App;AppId=\(Sample.appID);"
                + "KeyVaultCertificateSecretIdentifier=https://own.vault.azure.net/secrets/app",
            environment: ["IDENTITY_ENDPOINT": endpoint, "IDENTITY_HEADER": secret],
            others: key + pieces,
            script: { request in
                guard request.url.host() == "own.vault.azure.net" else { return nil }
                guard request.headers.contains(where: { $0.name == "Authorization" }) else {
                    return Sample.answer(401, headers: [("WWW-Authenticate", challenge)])
                }
                return Sample.answer(200, "{\"value\":\"\(file)\",\"contentType\":\"application/x-pkcs12\"}")
            }
        )
        return fromFile + [store, vault]
    }

    /// No shell and no OpenSSL may stumble over it.
    static let password = "\(kernel)-password"

    /// Those whose proof lies in a file.
    static func files(in directory: String) throws -> [SecretHolder] {
        let key = "\(Self.kernel)=+/key"
        for (name, content) in [("agent.key", key), ("assertion", secret)] {
            try Data(content.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
        }
        return [
            SecretHolder(
                name: "Azure Arc",
                environment: ["IDENTITY_ENDPOINT": endpoint, "IMDS_ENDPOINT": "http://127.0.0.1:1"],
                script: { request in
                    guard !request.headers.contains(where: { $0.name == "Authorization" }) else { return nil }
                    return Sample.answer(401, headers: [("WWW-Authenticate", "Basic realm=\(directory)/agent.key")])
                },
                credentials: { dependencies in
                    var credential = ManagedIdentityCredential(
                        id: .systemAssigned,
                        role: .requested,
                        dependencies: dependencies
                    )
                    credential.arcKeyDirectory = directory
                    return [credential]
                }
            ),
            SecretHolder(
                name: "workload identity",
                environment: Self.application.merging([
                    "AZURE_TOKEN_CREDENTIALS": "WorkloadIdentityCredential",
                    "AZURE_FEDERATED_TOKEN_FILE": "\(directory)/assertion",
                ]) { $1 }
            ),
        ]
    }
}
