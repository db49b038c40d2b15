import Foundation
import Logging
import OAuthWire
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("AzureServiceTokenProvider", .timeLimit(.minutes(1)))
struct AzureServiceTokenProviderTests {
    private static let secretString =
        "RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID);AppKey='S3cr;''et'"

    private let clock = ManualClock(movesWhenSlept: true)
    private let cache: TokenCache

    init() {
        let clock = self.clock
        self.cache = TokenCache(now: { ManualClock().date }, uptime: { clock.now.offset })
    }

    private func provider(
        _ connectionString: String? = nil,
        instance: String? = nil,
        environment: [String: String] = [:],
        transport: FakeTransport = FakeTransport([.failure(TransportError(.timeout, "timed out"))]),
        runner: FakeCommandRunner = .nothingInstalled,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> AzureServiceTokenProvider {
        let clock = self.clock
        return try AzureServiceTokenProvider(
            connectionString: connectionString,
            azureADInstance: instance,
            environment: environment,
            transport: transport,
            commandRunner: runner,
            cache: self.cache,
            probe: MetadataServiceProbe(),
            clock: clock,
            now: { clock.date },
            logger: logger,
            tickets: FakeTickets(failure: .noLibrary),
            memory: IntegratedAuthenticationMemory()
        )
    }

    @Test func withNothingInstalledThreeMethodsAreReported() async throws {
        let provider = try self.provider()
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

    @Test func theCLIIsUsedWhereThereIsNoManagedIdentity() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let provider = try self.provider(runner: runner)
        let token = try await provider.accessToken(forResource: Sample.vault)
        #expect(token.token == Sample.userToken)
        #expect(provider.principalUsed == token.principal)
        #expect(provider.principalUsed?.kind == .user)
    }

    @Test func aManagedIdentityIsUsedBeforeTheCLI() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let token = Sample.tokenAnswer(expiresOn: "4102444800")
        let provider = try self.provider(transport: FakeTransport([.success(token)]), runner: runner)
        _ = try await provider.accessToken(forResource: Sample.vault)
        #expect(provider.principalUsed?.kind == .app)
        #expect(runner.commands.isEmpty)
    }

    @Test func providersShareTheCacheAndAForcedRefreshGoesAround() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let first = try self.provider("RunAs=Developer; DeveloperTool=AzureCli", runner: runner)
        let second = try self.provider("RunAs=Developer; DeveloperTool=AzureCli", runner: runner)
        var counts: [Int] = []
        for (provider, forceRefresh) in [
            (first, false), (first, false), (first, true), (second, false), (second, true),
        ] {
            _ = try await provider.accessToken(forResource: Sample.vault, forceRefresh: forceRefresh)
            counts.append(runner.commands.count)
        }
        #expect(counts == [1, 1, 2, 2, 3])
        #expect(second.principalUsed == first.principalUsed)
        // Another spelling, another instance and another tenant are other tokens.
        let others = [
            (try self.provider("RunAs=Developer;DeveloperTool=AzureCli", runner: runner), nil),
            (
                try self.provider(
                    "RunAs=Developer; DeveloperTool=AzureCli",
                    instance: "https://login.microsoftonline.us/",
                    runner: runner
                ), nil
            ),
            (first, Sample.tenantID),
        ]
        for (index, (provider, tenantID)) in others.enumerated() {
            _ = try await provider.accessToken(forResource: Sample.vault, tenantID: tenantID)
            #expect(runner.commands.count == 4 + index)
        }
        _ = try await first.accessToken(forResource: Sample.vault, tenantID: "")
        #expect(runner.commands.count == 6)
    }

    @Test func tenCallersOfTwoProvidersMakeOneAcquisition() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let providers = [try self.provider(runner: runner), try self.provider(runner: runner)]
        try await withThrowingTaskGroup(of: AccessToken.self) { group in
            for index in 0..<10 {
                group.addTask { try await providers[index % 2].accessToken(forResource: Sample.vault) }
            }
            try await group.waitForAll()
        }
        for index in 0..<5 { _ = try await providers[index % 2].accessToken(forResource: Sample.vault) }
        #expect(runner.commands.count == 1)
    }

    @Test func aCachedTokenPinsNoCredential() async throws {
        let isSignedIn = Box(true)
        let runner = FakeCommandRunner { _ in
            isSignedIn.value ? Sample.cliAnswer() : CommandResult(exitCode: 1, standardError: "ERROR: no.\n")
        }
        _ = try await self.provider(runner: runner).accessToken(forResource: Sample.vault)
        let second = try self.provider(runner: runner)
        #expect(try await second.accessToken(forResource: Sample.vault).token == Sample.userToken)
        #expect(second.principalUsed?.userPrincipalName == "a@b.c")
        #expect(second.credentialUsed == nil)
        // Its first miss tries all of them.
        isSignedIn.withLock { $0 = false }
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await second.accessToken(forResource: Sample.graph)
        }
        #expect(error?.attempts.map(\.credential).prefix(2) == ["Managed identity", "Azure CLI"])
        // What a program says ends with a line break, so an empty line comes after it.
        #expect(
            error?.description.contains(
                "Tried to get token using Azure CLI. Access token could not be acquired. ERROR: no.\n\nParameters: "
            ) == true
        )
    }

    @Test func aFailureIsReportedEachTimeWithResourceAndTenant() async throws {
        let runner = FakeCommandRunner(CommandResult(exitCode: 1, standardError: "not installed"))
        let provider = try self.provider("RunAs=Developer; DeveloperTool=AzureCli", runner: runner)
        for count in 1...2 {
            let error = await #expect(throws: AzureServiceTokenProviderError.self) {
                try await provider.accessToken(forResource: Sample.graph, tenantID: Sample.tenantID)
            }
            #expect(error?.description.contains("Resource: \(Sample.graph), ") == true)
            #expect(error?.description.contains("Authority: \(Sample.instance)\(Sample.tenantID). ") == true)
            #expect(runner.commands.count == count)
            self.clock.advance(by: .seconds(1))
        }
    }

    @Test func aFailureKeepsThePrincipalOfTheCallBefore() async throws {
        let transport = FakeTransport([
            .success(Sample.tokenAnswer(expiresOn: "4102444800")),
            .success(Sample.answer(401, "{\"error\":\"no\"}")),
        ])
        let provider = try self.provider(Self.secretString, transport: transport)
        _ = try await provider.accessToken(forResource: Sample.vault)
        await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.graph)
        }
        #expect(provider.principalUsed?.appID == Sample.appID)
    }

    @Test func theSecretOfTheConnectionStringIsNotInTheError() async throws {
        let transport = FakeTransport([.success(Sample.answer(401, "{\"error\":\"S3cr;'et\"}"))])
        let environment = [
            "AzureServicesAuthConnectionString": Self.secretString, "IDENTITY_HEADER": "S3cr;'et-header",
        ]
        let provider = try self.provider(Self.secretString, environment: environment, transport: transport)
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
        dump(self.cache, to: &dumped)
        #expect(!dumped.contains("S3cr"))
        #expect(!"\(provider) \(self.cache)".contains("S3cr"))
    }

    @Test func aSecretThatIsAWordOfTheMessageIsRedactedToo() async throws {
        let transport = FakeTransport([.success(Sample.answer(400, "{\"error\":\"Adal Exception\"}"))])
        let connectionString = "RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID);AppKey=Secret"
        let provider = try self.provider(connectionString, transport: transport)
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
        let provider = try self.provider(connectionString)
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

    @Test func aLineFeedBehindAnIDIsNoPartOfIt() async throws {
        let log = Box("")
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let provider = try self.provider(
            environment: [
                "IDENTITY_ENDPOINT": "http://127.0.0.1:1/t\n", "IDENTITY_HEADER": "h\r\n",
                "AZURE_CLIENT_ID": " \(Sample.userAssignedID)\n",
            ],
            transport: transport,
            logger: Logger(label: "test") { _ in TextLogHandler(text: log) }
        )
        _ = try await provider.accessToken(forResource: "R")
        let request = try #require(transport.requests.first)
        #expect(request.url.absoluteString.contains("client_id=\(Sample.userAssignedID)&"))
        #expect(request.headers.first?.value == "h")
        for name in ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID"] { #expect(log.value.contains(name)) }
    }

    @Test func aSecretThatEndsWithABlankIsSentAsItIsAndTold() async throws {
        let transport = FakeTransport([.success(Sample.answer(401, "{\"error_description\":\"AADSTS7000215: no\"}"))])
        let provider = try self.provider(
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
        let provider = try self.provider("RunAs=Developer;DeveloperTool=AzureCLI", runner: runner)
        _ = try await provider.accessToken(forResource: text)
        #expect(runner.commands.first?.arguments.last == "https://vault.azure.net")
        #expect(provider.cachedAccessToken(forResource: "https://vault.azure.net") != nil)
    }

    @Test func anUnknownKeyIsWarnedAbout() throws {
        let log = Box("")
        let logger = Logger(label: "test") { _ in TextLogHandler(text: log) }
        _ = try self.provider("RunAs=App;AppId=a;Secret=s3cret", logger: logger)
        #expect(log.value.contains("The key Secret is not known and has no effect; a client secret is called AppKey."))
        #expect(!log.value.contains("s3cret"))
    }

    @Test func visualStudioIsAcceptedAndSaysSoWhenATokenIsWanted() async throws {
        let provider = try self.provider("RunAs=Developer;DeveloperTool=VisualStudio")
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

    @Test func theEnvironmentNamesTheConnectionStringUnlessTheCallerDoes() async throws {
        let environment = ["AzureServicesAuthConnectionString": "RunAs=Developer; DeveloperTool=AzureCli"]
        let fromEnvironment = try self.provider(environment: environment)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await fromEnvironment.accessToken(forResource: Sample.vault)
        }
        #expect(error?.attempts.map(\.credential) == ["Azure CLI"])
        // An empty argument is an answer too, and an empty variable is none.
        for (argument, variables) in [
            ("", environment), (" ", environment), (nil, ["AzureServicesAuthConnectionString": " "]),
        ] {
            let chain = try self.provider(argument, environment: variables)
            let all = await #expect(throws: AzureServiceTokenProviderError.self) {
                try await chain.accessToken(forResource: Sample.vault)
            }
            #expect(all?.attempts.count == 3)
        }
    }

    @Test func badSettingsAreRefusedTheInstanceFirst() throws {
        let instance = #expect(throws: AzureServiceTokenProviderError.self) {
            try self.provider("RunAs=Nobody", instance: "http://aadinstance/")
        }
        #expect(instance?.code == .invalidInstance)
        let text = #expect(throws: AzureServiceTokenProviderError.self) { try self.provider("RunAs=Nobody") }
        #expect(text?.code == .invalidConnectionString)
        #expect(text?.attempts.map(\.troubleshooting) == ["connection-string"])
        #expect(
            text?.description == "Connection string RunAs=Nobody is not valid. RunAs value 'Nobody' is not valid.  "
                + "Allowed values are Developer, CurrentUser, or App"
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
        let provider = try self.provider(transport: transport)
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: resource, tenantID: tenantID)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.description == message)
        #expect(transport.requests.isEmpty)
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
        let provider = try self.provider(environment: environment, transport: transport)
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

    @Test func oneCredentialChosenByNameFailsAloneAndIsToldAsUpstreamTellsIt() async throws {
        let environment = ["AZURE_TOKEN_CREDENTIALS": "azureclicredential"]
        let provider = try self.provider(environment: environment)
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

    @Test func aChoiceThatDoesNotExistIsRefusedUnlessAConnectionStringChooses() throws {
        let environment = ["AZURE_TOKEN_CREDENTIALS": "everything"]
        let error = #expect(throws: AzureServiceTokenProviderError.self) { try self.provider(environment: environment) }
        #expect(error?.code == .invalidChoice)
        #expect(try self.provider("RunAs=App", environment: environment).credentialNames == ["Managed identity"])
    }

    @Test func thePublicInitializerTakesTheProcessAsItIs() throws {
        #expect(throws: AzureServiceTokenProviderError.self) {
            try AzureServiceTokenProvider(connectionString: "RunAs=Nobody")
        }
        #expect(try AzureServiceTokenProvider(connectionString: "RunAs=App").principalUsed == nil)
    }

    @Test func theLogTellsWhichCredentialWonAndNoSecret() async throws {
        let text = Box("")
        let logger = Logger(label: "test") { _ in TextLogHandler(text: text) }
        let transport = FakeTransport([.success(Sample.tokenAnswer(expiresOn: "4102444800"))])
        let environment = ["IDENTITY_ENDPOINT": "http://127.0.0.1:1/", "IDENTITY_HEADER": "S3cr;'et-header"]
        for connectionString in [Self.secretString, "RunAs=App", "RunAs=Developer;DeveloperTool=AzureCLI"] {
            let provider = try self.provider(
                connectionString,
                environment: environment,
                transport: transport,
                logger: logger
            )
            _ = try? await provider.accessToken(forResource: Sample.vault)
        }
        let log = text.value
        #expect(log.contains("\"credential\": Client secret"))
        #expect(log.contains("\"credential\": Managed identity"))
        #expect(log.contains("appService"))
        #expect(log.contains("az: command not found"))
        #expect(!log.contains("S3cr"))
        #expect(!log.contains(Sample.appToken))
        // Who it was is for those who look for it.
        #expect(log.split(separator: "\n").allSatisfy { $0.hasPrefix("debug ") || $0.hasPrefix("trace ") })
    }
}
