import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("AzureServiceTokenProvider", .timeLimit(.minutes(5)))
struct AzureServiceTokenProviderTests {
    private let fixture = ProviderFixture()

    @Test func theCLIIsUsedWhereThereIsNoManagedIdentity() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let provider = try self.fixture.provider(runner: runner)
        let token = try await provider.accessToken(forResource: Sample.vault)
        #expect(token.token == Sample.userToken)
        #expect(provider.principalUsed == token.principal)
        #expect(provider.principalUsed?.kind == .user)
    }

    @Test func aManagedIdentityIsUsedBeforeTheCLI() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let token = Sample.tokenAnswer(expiresOn: "4102444800")
        let provider = try self.fixture.provider(transport: FakeTransport([.success(token)]), runner: runner)
        _ = try await provider.accessToken(forResource: Sample.vault)
        #expect(provider.principalUsed?.kind == .app)
        #expect(runner.commands.isEmpty)
    }

    @Test func providersShareTheCacheAndAForcedRefreshGoesAround() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let first = try self.fixture.provider("RunAs=Developer; DeveloperTool=AzureCli", runner: runner)
        let second = try self.fixture.provider("RunAs=Developer; DeveloperTool=AzureCli", runner: runner)
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
            (try self.fixture.provider("RunAs=Developer;DeveloperTool=AzureCli", runner: runner), nil),
            (
                try self.fixture.provider(
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
        let providers = [try self.fixture.provider(runner: runner), try self.fixture.provider(runner: runner)]
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
        _ = try await self.fixture.provider(runner: runner).accessToken(forResource: Sample.vault)
        let second = try self.fixture.provider(runner: runner)
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

    @Test func aFailureKeepsThePrincipalOfTheCallBefore() async throws {
        let transport = FakeTransport([
            .success(Sample.tokenAnswer(expiresOn: "4102444800")),
            .success(Sample.answer(401, "{\"error\":\"no\"}")),
        ])
        let provider = try self.fixture.provider(ProviderFixture.secretString, transport: transport)
        _ = try await provider.accessToken(forResource: Sample.vault)
        await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: Sample.graph)
        }
        #expect(provider.principalUsed?.appID == Sample.appID)
    }

    @Test func thePublicInitializerTakesTheProcessAsItIs() throws {
        #expect(throws: AzureServiceTokenProviderError.self) {
            try AzureServiceTokenProvider(connectionString: "RunAs=Nobody")
        }
        #expect(try AzureServiceTokenProvider(connectionString: "RunAs=App").principalUsed == nil)
    }

    @Test func theLogTellsWhichCredentialWonAndNoSecret() async throws {
        let log = LogCapture()
        let logger = log.logger
        let transport = FakeTransport([.success(Sample.tokenAnswer(expiresOn: "4102444800"))])
        let environment = ["IDENTITY_ENDPOINT": "http://127.0.0.1:1/", "IDENTITY_HEADER": "S3cr;'et-header"]
        for connectionString in [ProviderFixture.secretString, "RunAs=App", "RunAs=Developer;DeveloperTool=AzureCLI"] {
            let provider = try self.fixture.provider(
                connectionString,
                environment: environment,
                transport: transport,
                logger: logger
            )
            _ = try? await provider.accessToken(forResource: Sample.vault)
        }
        #expect(log.text.contains("\"credential\": Client secret"))
        #expect(log.text.contains("\"credential\": Managed identity"))
        #expect(log.text.contains("appService"))
        #expect(log.text.contains("az: command not found"))
        #expect(!log.text.contains("S3cr"))
        #expect(!log.text.contains(Sample.appToken))
        // Who it was is for those who look for it.
        #expect(log.lines.allSatisfy { $0.hasPrefix("debug ") || $0.hasPrefix("trace ") })
    }

    @Test func aRenewalThatFailsIsAWarningOnceUntilOneSucceeds() async throws {
        let clock = self.fixture.clock
        let isUp = Box(true)
        let transport = FakeTransport { _ in
            guard isUp.value else { return Sample.answer(401, "{\"error_description\":\"AADSTS7000215: S3cr;'et\"}") }
            return Sample.tokenAnswer(expiresOn: "\(Int(clock.date.timeIntervalSince1970) + 3_600)")
        }
        let log = LogCapture()
        let provider = try self.fixture.provider(
            ProviderFixture.secretString,
            transport: transport,
            logger: log.logger
        )
        func warnings() -> [String] { log.lines.filter { $0.hasPrefix("warning ") } }
        func renew(after wait: Duration) async throws {
            let requests = transport.requests.count
            clock.advance(by: wait)
            var looks = 0
            while transport.requests.count == requests {
                _ = try await provider.accessToken(forResource: Sample.vault)
                try await Task.sleep(for: .milliseconds(1))
                looks += 1
                // The renewal before may have come to its end only now, and its pause have begun then.
                if looks.isMultiple(of: 1_000) { clock.advance(by: wait) }
            }
        }
        _ = try await provider.accessToken(forResource: Sample.vault)
        isUp.withLock { $0 = false }
        try await renew(after: .seconds(3_400))
        while warnings().isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        try await renew(after: .seconds(31))
        try await renew(after: .seconds(31))
        #expect(warnings().count == 1)
        let warning = try #require(warnings().first)
        #expect(warning.contains("could not be renewed"))
        #expect(warning.contains("AADSTS7000215"))
        #expect(warning.contains(Sample.vault))
        #expect(!warning.contains("S3cr"))
        isUp.withLock { $0 = true }
        try await renew(after: .seconds(31))
        // The renewed token has an hour; the one before it ended a minute and a half after its renewals began.
        while try await provider.accessToken(forResource: Sample.vault).expiresOn < clock.date + 600 {
            await Task.yield()
        }
        isUp.withLock { $0 = false }
        try await renew(after: .seconds(3_400))
        while warnings().count < 2 { await Task.yield() }
        #expect(warnings().count == 2)
    }
}
