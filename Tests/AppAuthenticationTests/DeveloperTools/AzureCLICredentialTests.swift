import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("AzureCLICredential")
struct AzureCLICredentialTests {
    private static let failed = "Tried to get token using Azure CLI. Access token could not be acquired. "

    private static func credential(
        _ runner: FakeCommandRunner,
        environment: [String: String] = [:]
    ) -> AzureCLICredential {
        AzureCLICredential(dependencies: .fake(environment: environment, commandRunner: runner))
    }

    @Test func theSignedInPersonIsThePrincipal() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let token = try await Self.credential(runner).token(for: Sample.context())
        #expect(token.token == Sample.userToken)
        // The number wins over the local time beside it.
        #expect(token.expiresOn == Date(timeIntervalSince1970: 1_767_229_200))
        #expect(token.tokenType == "Bearer")
        #expect(
            token.principal.description
                == "IsAuthenticated:True Type:User TenantId:\(Sample.tenantID) UserPrincipalName:a@b.c"
        )
        let command = try #require(runner.commands.first)
        #expect(command.name == "az")
        #expect(command.arguments == ["account", "get-access-token", "-o", "json", "--resource", Sample.vault])
        #expect(command.timeout == .seconds(20))
    }

    @Test(arguments: [
        ("{\"upn\":\"\",\"email\":\"e@x\",\"tid\":\"T\",\"exp\":1}", "Type:User TenantId:T UserPrincipalName:e@x"),
        ("{\"appid\":\"a\",\"tid\":\"T\",\"exp\":1}", "Type:App AppId:a TenantId:T"),
    ])
    func guestsHaveAMailAddressAndServicePrincipalsAreApplications(payload: String, principal: String) async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer(Sample.jwt(payload)))
        let token = try await Self.credential(runner).token(for: Sample.context())
        #expect(token.principal.description == "IsAuthenticated:True \(principal)")
    }

    @Test func aTenantIsHandedOn() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        _ = try await Self.credential(runner).token(for: Sample.context(tenantID: "T"))
        #expect(runner.commands.first?.arguments.suffix(2) == ["--tenant", "T"])
    }

    @Test(arguments: [
        (DeveloperAccount(tenantID: "T"), nil, ["--tenant", "T"]),
        (DeveloperAccount(tenantID: "T"), "other", ["--tenant", "other"]),
        (DeveloperAccount(subscription: "My subscription"), nil, ["--subscription", "My subscription"]),
    ])
    func theAccountOfTheSettingsIsAskedForUnlessTheCallerWantsAnother(
        account: DeveloperAccount,
        tenantID: String?,
        arguments: [String]
    ) async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let credential = AzureCLICredential(account: account, dependencies: .fake(commandRunner: runner))
        _ = try await credential.token(for: Sample.context(tenantID: tenantID))
        #expect(runner.commands.first?.arguments.dropFirst(6) == ArraySlice(arguments))
    }

    @Test func aTenantAndASubscriptionAreRefusedBeforeAnythingRuns() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let account = DeveloperAccount(subscription: "s")
        let credential = AzureCLICredential(account: account, dependencies: .fake(commandRunner: runner))
        let failure = await #expect(throws: CredentialFailure.self) {
            try await credential.token(for: Sample.context(tenantID: "T"))
        }
        #expect(failure?.reason.contains("Only one of tenant and subscription can choose the account.") == true)
        #expect(runner.commands.isEmpty)
    }

    @Test(arguments: [
        (["AzureCLIPath": "/opt/az", "PATH": "/a:/b"], "/opt/az:/usr/bin:/usr/local/bin:/a:/b"),
        (["AzureCLIPath": "/opt/az::/srv/az:"], "/opt/az:/srv/az:/usr/bin:/usr/local/bin"),
        (["PATH": ":/a::/b:"], "/usr/bin:/usr/local/bin:/a:/b"),
        ([:], "/usr/bin:/usr/local/bin"),
    ])
    func theSearchPathHasNoEmptyElement(environment: [String: String], path: String) async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        _ = try await Self.credential(runner, environment: environment).token(for: Sample.context())
        #expect(runner.commands.first?.environment["PATH"] == path)
    }

    @Test func theChildGetsTheEnvironmentWithoutTheConnectionString() async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let environment = ["HOME": "/home/x", "AzureServicesAuthConnectionString": "RunAs=Developer"]
        _ = try await Self.credential(runner, environment: environment).token(for: Sample.context())
        let child = try #require(runner.commands.first?.environment)
        #expect(child["HOME"] == "/home/x")
        #expect(child["AZURE_CORE_NO_COLOR"] == "true")
        #expect(child["AzureServicesAuthConnectionString"] == nil)
    }

    @Test(arguments: ["https://x/_", "a b", "x;ls", "$(ls)", "https://x/?a", "é", "x\n", ""])
    func aResourceWithOtherCharactersIsRefusedBeforeAnythingRuns(resource: String) async {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let reason =
            "Resource \(resource) is not in expected format. Only alphanumeric characters, [dot], [colon], "
            + "[hyphen], and [forward slash] are allowed."
        await #expect(throws: CredentialFailure(Self.failed + reason)) {
            try await Self.credential(runner).token(for: Sample.context(resource))
        }
        #expect(runner.commands.isEmpty)
    }

    @Test(arguments: [
        (
            CommandResult(exitCode: 1, standardError: "ERROR: Please run 'az login' to setup account.\n"),
            "ERROR: Please run 'az login' to setup account.\n"
        ),
        (
            CommandResult(exitCode: 1, standardOutput: "ignored", standardError: "one\n\n\r\ntwo"),
            "one\ntwo\n"
        ),
        (CommandResult(exitCode: 137), "az ended with exit code 137."),
        (
            CommandResult(exitCode: 1, standardError: "got {\"accessToken\": \"s3cret\"} and \(Sample.userToken)!"),
            "got {\"accessToken\": \"<<Redacted>>\"} and <<Redacted>>!\n"
        ),
        (
            CommandResult(standardOutput: "nothing"),
            "Token response is not in the expected format. Exception Message: The text is not a JSON object."
        ),
        (CommandResult(standardOutput: "{}"), "Value cannot be null. (Parameter 'accessToken')"),
        (
            CommandResult(standardOutput: "{\"accessToken\":\"two words\"}"),
            "Access token is not in the expected format. It has characters that no token has, such as spaces."
        ),
    ])
    func failuresAreToldInTheWordsOfDotNET(result: CommandResult, reason: String) async {
        await #expect(throws: CredentialFailure(Self.failed + reason)) {
            try await Self.credential(FakeCommandRunner(result)).token(for: Sample.context())
        }
    }

    /// What `az` says when it cannot, begins of it.
    @Test(arguments: [
        "ERROR: Please run 'az login' to setup account.",
        "ERROR: Could not retrieve credential from local cache for service principal a under tenant b. "
            + "Please run `az login` for this service principal.",
        "ERROR: AADSTS500011: invalid_resource: the resource principal named https://wrong-resource/ was not found.\n"
            + "Run the command below to authenticate interactively; additional arguments may be added as needed:\n"
            + "az logout\naz login",
        "ERROR: AADSTS7000222: The provided client secret keys for app 'a' are expired.",
        "WARNING: Could not retrieve credential from local cache.\nERROR: AADSTS90002: Tenant 'x' not found.",
        "ERROR: Subscription 'nope' not found. Check the spelling and casing and try again.",
        "ERROR: Please specify only one of subscription and tenant, not both",
        "ERROR: unrecognized arguments: --nonsense 1", "You are not logged in.",
        "ERROR: The command failed with an unexpected error. Here is the traceback:",
        "ERROR: HTTPSConnectionPool(host='login', port=443): CERTIFICATE_VERIFY_FAILED",
    ])
    func itsOwnWordsAreShownWhole(words: String) async {
        let runner = FakeCommandRunner(CommandResult(exitCode: 1, standardError: words))
        await #expect(throws: CredentialFailure("\(Self.failed)\(words)\n")) {
            try await Self.credential(runner).token(for: Sample.context())
        }
    }

    /// What az says of the expiry, and for how many seconds the token is used: its zone is UTC in these tests.
    @Test(arguments: [
        ("\"expiresOn\":\"N/A\"", 86_400.0), ("\"expiresOn\":\"2026-01-01 01:00:00.000000\"", 3600),
        ("\"x\":1", 86_400),
        ("\"expiresOn\":\"2026-01-01 01:00:00.000000\",\"expires_on\":\"N/A\"", 3600),
        ("\"expires_on\":1767229200", 3600), ("\"expires_on\":1795493891", 86_400),
    ])
    func aGoodTokenIsUsedHoweverItsExpiryIsWritten(field: String, seconds: TimeInterval) async throws {
        let runner = FakeCommandRunner(
            CommandResult(standardOutput: "{\"accessToken\":\"\(Sample.userToken)\",\(field)}")
        )
        let token = try await Self.credential(runner).token(for: Sample.context())
        #expect(token.expiresOn == ManualClock().date.addingTimeInterval(seconds))
    }

    @Test func aTokenThatCannotBeReadIsUsedToo() async throws {
        let runner = FakeCommandRunner(
            CommandResult(standardOutput: "{\"accessToken\":\"opaque\",\"tenant\":\"T\",\"expires_on\":1767229200}")
        )
        let token = try await Self.credential(runner).token(for: Sample.context())
        #expect(token.token == "opaque")
        #expect(token.principal == Principal(kind: .user, tenantID: "T"))
    }

    /// What az prints where it may not write to its own folder.
    private static let traceback =
        ([
            "ERROR: The command failed with an unexpected error. Here is the traceback:",
            "Traceback (most recent call last):",
        ]
        + (0..<41).map { "  File \"/opt/az/lib/x.py\", line \($0), in run" }
        + [
            "PermissionError: [Errno 13] Permission denied: '/nonexistent/.azure'",
            "To check existing issues, please visit: https://github.com/Azure/azure-cli/issues",
        ]).joined(separator: "\n")

    @Test func ofManyLinesTheCauseIsShownAndTheAdvice() async {
        let runner = FakeCommandRunner(CommandResult(exitCode: 1, standardError: Self.traceback))
        let reason = """
            ERROR: The command failed with an unexpected error. Here is the traceback:
            (43 lines left out)
            PermissionError: [Errno 13] Permission denied: '/nonexistent/.azure'
            az keeps its login in a folder that it writes to: set AZURE_CONFIG_DIR to one that this user may write to, \
            and sign in there.

            """
        await #expect(throws: CredentialFailure(Self.failed + reason)) {
            try await Self.credential(runner).token(for: Sample.context())
        }
    }

    /// What az prints where a tenant does not exist: the answer of Microsoft Entra ID stands in the middle.
    @Test func ofManyLinesTheAnswerOfEntraIsShownToo() async {
        let answer = "ValueError: tenant_discovery failed: AADSTS90002: Tenant '1111' not found."
        let lines = Self.traceback.split(separator: "\n").map(String.init)
        let text = (lines[..<20] + [answer] + lines[20...]).joined(separator: "\n")
        let runner = FakeCommandRunner(CommandResult(exitCode: 1, standardError: text))
        let failure = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(runner).token(for: Sample.context())
        }
        let shown = """
            (43 lines left out)
            \(answer)
            PermissionError: [Errno 13] Permission denied: '/nonexistent/.azure'

            """
        #expect(failure?.reason.contains(shown) == true, "\(failure?.reason ?? "")")
    }

    @Test func aResourceThatLooksLikeAnOptionDoesNotReachIt() async {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let failure = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(runner).token(for: Sample.context("--help"))
        }
        #expect(failure?.reason.contains("It begins like an option of az.") == true)
        #expect(runner.commands.isEmpty)
    }

    @Test func aGreetingAroundTheAnswerDoesNotHideIt() async throws {
        var answer = Sample.cliAnswer()
        answer.standardOutput = "Welcome!\n\u{1B}[33mWARNING: x\u{1B}[0m\n\u{FEFF}" + answer.standardOutput + "\nBye."
        let token = try await Self.credential(FakeCommandRunner(answer)).token(for: Sample.context())
        #expect(token.token == Sample.userToken)
    }

    @Test func whatItSaysBesideATokenIsPassedOver() async throws {
        var answer = Sample.cliAnswer()
        answer.standardError = "WARNING: there is a new version.\n"
        let token = try await Self.credential(FakeCommandRunner(answer)).token(for: Sample.context())
        #expect(token.token == Sample.userToken)
    }

    @Test(arguments: [
        (CommandError.notFound, "az: command not found"),
        (.timeout, "Process took too long to return the token."),
        (.outputTooLarge(limit: 10), "az printed more than 10 bytes."),
        (.notRun("No such file or directory"), "No such file or directory"),
    ])
    func aProgramThatDoesNotRunToItsEndIsNamed(error: CommandError, reason: String) async {
        let runner = FakeCommandRunner { _ in throw error }
        await #expect(throws: CredentialFailure(Self.failed + reason)) {
            try await Self.credential(runner).token(for: Sample.context())
        }
    }

    @Test func aCancellationIsRethrown() async {
        let runner = FakeCommandRunner { _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) {
            try await Self.credential(runner).token(for: Sample.context())
        }
    }
}
