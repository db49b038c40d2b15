import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("AzureServiceTokenProvider: what failed", .timeLimit(.minutes(5)))
struct AzureServiceTokenProviderFailureTests {
    private let fixture = ProviderFixture()

    @Test func withNothingInstalledThreeMethodsAreReported() async throws {
        let provider = try self.fixture.provider()
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: "R")
        }
        let frame =
            "Parameters: Connection String: [No connection string specified], Resource: R, Authority: . "
            + "Exception Message: "
        #expect(
            error?.description == """
                \(frame)Tried the following 3 methods to get an access token, but none of them worked.
                \(frame)Tried to get token using Managed Service Identity. Unable to connect to the Instance \
                Metadata Service (IMDS). Skipping request to the Managed Service Identity (MSI) token endpoint.
                \(frame)Tried to get token using Azure CLI. Access token could not be acquired. az: command not found
                \(frame.replacing("Authority: .", with: "Authority: https://login.microsoftonline.com/common."))\
                Tried to get token using Active Directory Integrated Authentication. Access token could not be \
                acquired. Kerberos is not available on this machine. Install libgssapi-krb5-2 (Debian/Ubuntu) or \
                krb5-libs (RHEL).

                """
        )
        #expect(
            error?.attempts.map(\.credential)
                == ["Managed identity", "Azure CLI", "Active Directory Integrated Authentication"]
        )
        #expect(
            error?.attempts.map(\.troubleshooting)
                == ["managed-identity", "azure-cli", "active-directory-integrated-authentication"]
        )
        #expect(provider.principalUsed == nil)
    }

    @Test func aFailureIsReportedEachTimeWithResourceAndTenant() async throws {
        let runner = FakeCommandRunner(CommandResult(exitCode: 1, standardError: "not installed"))
        let provider = try self.fixture.provider("RunAs=Developer; DeveloperTool=AzureCli", runner: runner)
        for count in 1...2 {
            let error = await #expect(throws: AzureServiceTokenProviderError.self) {
                try await provider.accessToken(forResource: Sample.graph, tenantID: Sample.tenantID)
            }
            #expect(error?.description.contains("Resource: \(Sample.graph), ") == true)
            #expect(error?.description.contains("Authority: \(Sample.instance)\(Sample.tenantID). ") == true)
            #expect(runner.commands.count == count)
            self.fixture.clock.advance(by: .seconds(1))
        }
    }

    @Test func theSecretOfTheConnectionStringIsNotInTheError() async throws {
        let transport = FakeTransport([.success(Sample.answer(401, "{\"error\":\"S3cr;'et\"}"))])
        let environment = [
            "AzureServicesAuthConnectionString": ProviderFixture.secretString, "IDENTITY_HEADER": "S3cr;'et-header",
        ]
        let provider = try self.fixture.provider(
            ProviderFixture.secretString,
            environment: environment,
            transport: transport
        )
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.vault, tenantID: Sample.tenantID)
        }
        #expect(
            error?.description
                == "Parameters: Connection String: RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID);"
                + "AppKey=<<Redacted>>, Resource: \(Sample.vault), Authority: \(Sample.instance)\(Sample.tenantID). "
                + "Exception Message: Access token could not be acquired. <<Redacted>>"
        )
        var dumped = ""
        dump(error, to: &dumped)
        dump(provider, to: &dumped)
        dump(self.fixture.cache, to: &dumped)
        #expect(!dumped.contains("S3cr"))
        #expect(!"\(provider) \(self.fixture.cache)".contains("S3cr"))
    }

    @Test func aSecretThatIsAWordOfTheMessageIsRedactedToo() async throws {
        let transport = FakeTransport([.success(Sample.answer(400, "{\"error\":\"Adal Exception\"}"))])
        let connectionString = "RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID);AppKey=Secret"
        let provider = try self.fixture.provider(connectionString, transport: transport)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.vault)
        }
        #expect(
            error?.description
                == "Parameters: Connection String: RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID);"
                + "AppKey=<<Redacted>>, Resource: \(Sample.vault), Authority: \(Sample.instance)\(Sample.tenantID). "
                + "Exception Message: "
                + "Access token could not be acquired. Adal Exception"
        )
    }

    @Test func aCertificateThatIsNotThereIsReportedWithResourceAndTenant() async throws {
        let subject = UUID()
        let connectionString =
            "RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID);CertificateSubjectName=\(subject);"
            + "CertificateStoreLocation=CurrentUser"
        let provider = try self.fixture.provider(connectionString)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.vault, tenantID: Sample.tenantID)
        }
        #expect(
            error?.description
                == "Parameters: Connection String: \(connectionString), Resource: \(Sample.vault), "
                + "Authority: \(Sample.instance)\(Sample.tenantID). Exception Message: "
                + "Specified certificate was not found. There is none with the subject \(subject) in any folder, because "
                + "HOME is not set, nor any other."
        )
    }

    @Test func visualStudioIsAcceptedAndSaysSoWhenATokenIsWanted() async throws {
        let provider = try self.fixture.provider("RunAs=Developer;DeveloperTool=VisualStudio")
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: "R")
        }
        #expect(error?.code == .credentialFailed)
        #expect(error?.attempts.map(\.troubleshooting) == ["visual-studio"])
        #expect(
            error?.description == "Parameters: Connection String: RunAs=Developer;DeveloperTool=VisualStudio, "
                + "Resource: R, Authority: . Exception Message: Tried to get token using Visual Studio. "
                + "Access token could not be acquired. Visual Studio does not run on Linux, so it is not available in "
                + "this version. Use DeveloperTool=AzureCLI."
        )
    }

    @Test func oneCredentialChosenByNameFailsAloneAndIsToldInTheWordsOfAppAuthenticationForDotNET() async throws {
        let environment = ["AZURE_TOKEN_CREDENTIALS": "azureclicredential"]
        let provider = try self.fixture.provider(environment: environment)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: "R")
        }
        #expect(error?.code == .credentialFailed)
        #expect(
            error?.description == "Parameters: Connection String: [No connection string specified], Resource: R, "
                + "Authority: . Exception Message: Tried to get token using Azure CLI. "
                + "Access token could not be acquired. az: command not found"
        )
    }

    @Test(
        arguments: [
            ("", nil, "Value cannot be null. (Parameter 'resource')"),
            ("", Sample.tenantID, "Value cannot be null. (Parameter 'resource')"),
            (" ", "T", "Value cannot be null. (Parameter 'resource')"),
            (
                "R", "a/b",
                "Tenant a/b is not in expected format. Only alphanumeric characters, [dot], and [hyphen] are allowed."
            ),
            (
                "R", "t ",
                "Tenant t  is not in expected format. Only alphanumeric characters, [dot], and [hyphen] are allowed."
            ),
        ] as [(String, String?, String)]
    )
    func badArgumentsAreRefusedBeforeAnythingIsAsked(resource: String, tenantID: String?, message: String) async throws
    {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let provider = try self.fixture.provider(transport: transport)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: resource, tenantID: tenantID)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.description == message)
        #expect(transport.requests.isEmpty)
    }
}
