import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("AzureServiceTokenProvider: settings", .timeLimit(.minutes(5)))
struct AzureServiceTokenProviderSettingsTests {
    private let fixture = ProviderFixture()

    @Test func aLineFeedBehindAnIDIsNoPartOfIt() async throws {
        let log = LogCapture()
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let provider = try self.fixture.provider(
            environment: [
                "IDENTITY_ENDPOINT": "http://127.0.0.1:1/t\n", "IDENTITY_HEADER": "h\r\n",
                "AZURE_CLIENT_ID": " \(Sample.userAssignedID)\n",
            ],
            transport: transport,
            logger: log.logger
        )
        _ = try await provider.accessToken(forResource: "R")
        let request = try #require(transport.requests.first)
        #expect(request.url.absoluteString.contains("client_id=\(Sample.userAssignedID)&"))
        #expect(request.headers.first?.value == "h")
        for name in ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID"] { #expect(log.text.contains(name)) }
    }

    @Test func aSecretThatEndsWithABlankIsSentAsItIsAndTold() async throws {
        let transport = FakeTransport([.success(Sample.answer(401, "{\"error_description\":\"AADSTS7000215: no\"}"))])
        let provider = try self.fixture.provider(
            environment: [
                "AZURE_TENANT_ID": Sample.tenantID, "AZURE_CLIENT_ID": Sample.appID, "AZURE_CLIENT_SECRET": "s3cret \n",
                "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
            ],
            transport: transport
        )
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: "R")
        }
        let body = transport.requests.first?.body.map { String(decoding: $0, as: UTF8.self) }
        #expect(body?.contains("client_secret=s3cret%20&") == true)
        #expect(error?.description.contains("AADSTS7000215: no Note that AZURE_CLIENT_SECRET begins or ends") == true)
        #expect(error?.description.contains("Authority: \(Sample.instance)\(Sample.tenantID).") == true)
    }

    @Test(arguments: ["https://vault.azure.net/.default", "https://vault.azure.net"])
    func aScopeInThePlaceOfAResourceIsTheResourceBeforeIt(text: String) async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let provider = try self.fixture.provider("RunAs=Developer;DeveloperTool=AzureCLI", runner: runner)
        _ = try await provider.accessToken(forResource: text)
        #expect(runner.commands.first?.arguments.last == "https://vault.azure.net")
        _ = try await provider.accessToken(forResource: "https://vault.azure.net")
        #expect(runner.commands.count == 1)
    }

    @Test func anUnknownKeyIsWarnedAbout() throws {
        let log = LogCapture()
        let logger = log.logger
        _ = try self.fixture.provider("RunAs=App;AppId=a;Secret=s3cret", logger: logger)
        #expect(log.text.contains("The key Secret is not known and has no effect; a client secret is called AppKey."))
        #expect(!log.text.contains("s3cret"))
    }

    @Test func theEnvironmentNamesTheConnectionStringUnlessTheCallerDoes() async throws {
        let environment = ["AzureServicesAuthConnectionString": "RunAs=Developer; DeveloperTool=AzureCli"]
        let fromEnvironment = try self.fixture.provider(environment: environment)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await fromEnvironment.accessToken(forResource: Sample.vault)
        }
        #expect(error?.attempts.map(\.credential) == ["Azure CLI"])
        // An empty argument is an answer too, and an empty variable is none.
        for (argument, variables) in [
            ("", environment), (" ", environment), (nil, ["AzureServicesAuthConnectionString": " "]),
        ] {
            let chain = try self.fixture.provider(argument, environment: variables)
            let all = await #expect(throws: AzureServiceTokenProviderError.self) {
                try await chain.accessToken(forResource: Sample.vault)
            }
            #expect(all?.attempts.count == 3)
        }
    }

    @Test func badSettingsAreRefusedTheInstanceFirst() throws {
        let instance = #expect(throws: AzureServiceTokenProviderError.self) {
            try self.fixture.provider("RunAs=Nobody", instance: "http://aadinstance/")
        }
        #expect(instance?.code == .invalidInstance)
        let text = #expect(throws: AzureServiceTokenProviderError.self) { try self.fixture.provider("RunAs=Nobody") }
        #expect(text?.code == .invalidConnectionString)
        #expect(text?.attempts.map(\.troubleshooting) == ["connection-string"])
        #expect(
            text?.description == "Connection string RunAs=Nobody is not valid. RunAs value 'Nobody' is not valid.  "
                + "Allowed values are Developer, CurrentUser, or App"
        )
    }

    @Test func whatTheEnvironmentSaysCompletelyComesBeforeTheThreeMethods() async throws {
        let environment = [
            "AZURE_TENANT_ID": Sample.tenantID, "AZURE_CLIENT_ID": Sample.appID, "AZURE_CLIENT_SECRET": "S3cret",
            "AZURE_FEDERATED_TOKEN_FILE": "/nowhere/token",
        ]
        let transport = FakeTransport { request in
            guard request.method == .post else { throw TransportError(.timeout, "timed out") }
            return Sample.answer(401, "{\"error_description\":\"AADSTS7000215: S3cret\"}")
        }
        let provider = try self.fixture.provider(environment: environment, transport: transport)
        let names = [
            "Environment", "Workload identity", "Managed identity", "Azure CLI",
            "Active Directory Integrated Authentication",
        ]
        #expect(provider.credentialNames == names)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.vault)
        }
        #expect(error?.attempts.map(\.credential) == names)
        #expect(error?.description.contains("Tried the following 5 methods") == true)
        #expect(error?.description.contains("S3cret") == false)
    }

    @Test func aChoiceThatDoesNotExistIsRefusedUnlessAConnectionStringChooses() throws {
        let environment = ["AZURE_TOKEN_CREDENTIALS": "everything"]
        let error = #expect(throws: AzureServiceTokenProviderError.self) {
            try self.fixture.provider(environment: environment)
        }
        #expect(error?.code == .invalidChoice)
        let named = try self.fixture.provider("RunAs=App", environment: environment)
        #expect(named.credentialNames == ["Managed identity"])
    }
}
