import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("AzureDeveloperCLICredential")
struct AzureDeveloperCLICredentialTests {
    private static let failed = "Tried to get token using Azure Developer CLI. Access token could not be acquired. "
    private static let answer = CommandResult(
        standardOutput: "{\"token\": \"\(Sample.userToken)\", \"expiresOn\": \"2026-01-01T01:00:00Z\"}\n"
    )

    private static func failure(_ result: CommandResult) async -> String? {
        let credential = AzureDeveloperCLICredential(dependencies: .fake(commandRunner: FakeCommandRunner(result)))
        return await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }?
            .reason
    }

    @Test func theSignedInPersonIsThePrincipal() async throws {
        let runner = FakeCommandRunner(Self.answer)
        let environment = ["HOME": "/home/x", "AzureServicesAuthConnectionString": "RunAs=Developer"]
        let credential = AzureDeveloperCLICredential(
            dependencies: .fake(environment: environment, commandRunner: runner)
        )
        let token = try await credential.token(for: Sample.context("https://vault.azure.net"))
        #expect(token.token == Sample.userToken)
        #expect(token.expiresOn == Date(timeIntervalSince1970: 1_767_229_200))
        #expect(
            token.principal.description
                == "IsAuthenticated:True Type:User TenantId:\(Sample.tenantID) UserPrincipalName:a@b.c"
        )
        let command = try #require(runner.commands.first)
        #expect(command.name == "azd")
        #expect(
            command.arguments == [
                "auth", "token", "--output", "json", "--no-prompt", "--scope", "https://vault.azure.net/.default",
            ]
        )
        #expect(command.timeout == .seconds(20))
        #expect(
            command.environment
                == ["HOME": "/home/x", "NO_COLOR": "true", "PATH": "/usr/bin:/usr/local/bin"]
        )
    }

    @Test(arguments: [(nil, "settings"), ("caller", "caller")])
    func aTenantIsHandedOn(ofCaller tenantID: String?, expected: String) async throws {
        let runner = FakeCommandRunner(Self.answer)
        let credential = AzureDeveloperCLICredential(
            account: DeveloperAccount(tenantID: "settings"),
            dependencies: .fake(commandRunner: runner)
        )
        _ = try await credential.token(for: Sample.context(tenantID: tenantID))
        #expect(runner.commands.first?.arguments.suffix(2) == ["--tenant-id", expected])
    }

    @Test(arguments: [
        (
            "{\"error\":\"x\",\"message\":\"not logged in, run `azd auth login` to login\",\"suggestion\":\"\"}",
            "Please run 'azd auth login' to set up an account."
        ),
        (
            "{\"type\":\"consoleMessage\",\"data\":{\"message\":\"\\nERROR: not logged in, run `azd auth login` to login\"}}",
            "Please run 'azd auth login' to set up an account."
        ),
        ("ERROR: not logged in, run `azd auth login` to login", "Please run 'azd auth login' to set up an account."),
        (
            "{\"message\":\"AADSTS50076: again. Run `azd auth login`.\",\"suggestion\":\"Sign in again.\"}",
            "AADSTS50076: again. Run `azd auth login`. Sign in again."
        ),
        (
            "{\"type\":\"consoleMessage\",\"data\":{\"message\":\"\\nERROR: one\\n\"}}\n{\"message\":\"two\"}",
            "ERROR: one two"
        ),
        ("plain\n\nwords", "plain\nwords\n"),
        (
            "{\"error\":{\"code\":\"x\",\"message\":\"AADSTS70043: expired\",\"suggestion\":\"login expired, run `azd auth login`\"}}",
            "AADSTS70043: expired login expired, run `azd auth login`"
        ),
        ("{\"error\":\"AADSTS50078\",\"message\":\"again\"}", "AADSTS50078 again"),
        // Indented, with a warning before it.
        ("WARNING: old\n{\n  \"message\": \"two\",\n  \"suggestion\": \"three\"\n}\n", "two three"),
        (
            "{\"message\":\"dial tcp: lookup login.microsoftonline.com: no such host\",\"suggestion\":\"Run `azd auth login`.\"}",
            "dial tcp: lookup login.microsoftonline.com: no such host Run `azd auth login`."
        ),
        ("{\"message\":\"got \(Sample.userToken)\"}", "got <<Redacted>>"),
        ("", "azd ended with exit code 1."),
    ])
    func itsOwnWordsAreShownUnlessTheyMeanSignedOut(standardError: String, reason: String) async {
        #expect(await Self.failure(CommandResult(exitCode: 1, standardError: standardError)) == Self.failed + reason)
    }

    @Test(arguments: [
        ("nothing", "Token response is not in the expected format. Exception Message: The text is not a JSON object."),
        ("{\"expiresOn\":\"2026-01-01T01:00:00Z\"}", "Value cannot be null. (Parameter 'accessToken')"),
    ])
    func anAnswerThatCannotBeReadIsNamed(output: String, reason: String) async {
        #expect(await Self.failure(CommandResult(standardOutput: output)) == Self.failed + reason)
    }

    @Test(arguments: [
        ("{\"token\":\"opaque\",\"expiresOn\":\"2026-01-01T01:00:00Z\"}", 3600.0),
        ("{\"token\":\"opaque\",\"expiresOn\":\"2026-01-01T01:00:00\"}", 3600),
        ("{\"token\":\"opaque\",\"expiresOn\":\"soon\"}", 300),
        ("{\"type\":\"consoleMessage\"}\n{\"token\":\"opaque\"}", 300),
    ])
    func aGoodTokenIsUsedHoweverItsExpiryIsWritten(output: String, seconds: TimeInterval) async throws {
        let runner = FakeCommandRunner(CommandResult(standardOutput: output))
        let token = try await AzureDeveloperCLICredential(dependencies: .fake(commandRunner: runner))
            .token(for: Sample.context())
        #expect(token.token == "opaque")
        #expect(token.expiresOn == ManualClock().date.addingTimeInterval(seconds))
    }

    @Test func anEmptyOrOddResourceIsRefusedBeforeAnythingRuns() async {
        let runner = FakeCommandRunner(Self.answer)
        let credential = AzureDeveloperCLICredential(dependencies: .fake(commandRunner: runner))
        for resource in ["", "a b", "x;y"] {
            await #expect(throws: CredentialFailure.self) {
                try await credential.token(for: Sample.context(resource))
            }
        }
        #expect(runner.commands.isEmpty)
    }

    @Test func aMachineWithoutItSaysSo() async {
        let credential = AzureDeveloperCLICredential(dependencies: .fake())
        await #expect(throws: CredentialFailure(Self.failed + "azd: command not found")) {
            try await credential.token(for: Sample.context())
        }
    }
}
