import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("AzurePowerShellCredential")
struct AzurePowerShellCredentialTests {
    private static let failed = "Tried to get token using Azure PowerShell. Access token could not be acquired. "
    private static let answer = CommandResult(
        standardOutput: "WARNING: breaking changes\r\nazsdk%\(Sample.userToken)%1767229200\r\n"
    )

    private static func script(of command: Command?) throws -> String {
        let bytes = try #require(command?.arguments.last.flatMap { Data(base64Encoded: $0) })
        return try #require(String(data: bytes, encoding: .utf16LittleEndian))
    }

    private static func failure(_ result: CommandResult) async -> String? {
        let credential = AzurePowerShellCredential(dependencies: .fake(commandRunner: FakeCommandRunner(result)))
        return await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }?
            .reason
    }

    @Test func theSignedInPersonIsThePrincipal() async throws {
        let runner = FakeCommandRunner(Self.answer)
        let credential = AzurePowerShellCredential(dependencies: .fake(commandRunner: runner))
        let token = try await credential.token(for: Sample.context())
        #expect(token.token == Sample.userToken)
        #expect(token.expiresOn == Date(timeIntervalSince1970: 1_767_229_200))
        #expect(
            token.principal.description
                == "IsAuthenticated:True Type:User TenantId:\(Sample.tenantID) UserPrincipalName:a@b.c"
        )
        let command = try #require(runner.commands.first)
        #expect(command.name == "pwsh")
        #expect(command.arguments.dropLast() == ["-NoProfile", "-NonInteractive", "-EncodedCommand"])
        #expect(command.timeout == .seconds(20))
        let script = try Self.script(of: command)
        #expect(script.contains("ResourceUrl = '\(Sample.vault)'"))
        #expect(script.contains("-MinimumVersion '2.2.0'"))
        #expect(!script.contains("TenantId"))
    }

    @Test(arguments: [
        ("a", "'a'"), ("o'tenant", "'o''tenant'"), ("", "''"), ("\u{201C}", "'\u{201C}'"),
        ("\u{2018}\u{2019}\u{201A}\u{201B}", "'\u{2018}\u{2018}\u{2019}\u{2019}\u{201A}\u{201A}\u{201B}\u{201B}'"),
    ])
    func whatPowerShellTakesForASingleQuoteEndsNoLiteral(text: String, literal: String) {
        #expect(AzurePowerShellCredential.quoted(text) == literal)
    }

    @Test func aTenantIsQuotedInTheScript() async throws {
        let runner = FakeCommandRunner(Self.answer)
        let credential = AzurePowerShellCredential(
            account: DeveloperAccount(tenantID: "contoso.com"),
            dependencies: .fake(commandRunner: runner)
        )
        _ = try await credential.token(for: Sample.context())
        #expect(try Self.script(of: runner.commands.first).contains("$question.TenantId = 'contoso.com'\n"))
    }

    @Test(arguments: [
        (
            CommandResult(exitCode: 1, standardError: "Get-AzAccessToken: Run Connect-AzAccount to login."),
            "Please run 'Connect-AzAccount' to set up an account."
        ),
        (
            CommandResult(exitCode: 1, standardError: "AADSTS50076: x. Run Connect-AzAccount to login."),
            "AADSTS50076: x. Run Connect-AzAccount to login.\n"
        ),
        (
            CommandResult(exitCode: 1, standardError: "x.ps1: AuthorizationManager check failed."),
            "The execution policy of PowerShell forbids to run scripts."
        ),
        (CommandResult(standardOutput: "NO_AZ_ACCOUNT_MODULE\n"), "Az.Accounts module >= 2.2.0 is not installed."),
        (CommandResult(standardOutput: "hello\n"), "The output of PowerShell is not in the expected format."),
        (CommandResult(standardOutput: "azsdk%%1"), "Value cannot be null. (Parameter 'accessToken')"),
        (CommandResult(standardOutput: "azsdk%"), "The output of PowerShell is not in the expected format."),
        (CommandResult(exitCode: 3), "pwsh ended with exit code 3."),
    ])
    func failuresSayWhatToDo(result: CommandResult, reason: String) async {
        #expect(await Self.failure(result) == Self.failed + reason)
    }

    @Test(arguments: [
        ("azsdk%opaque%1767229200", 3600.0), ("azsdk%opaque%soon", 300), ("azsdk%opaque%1", 300), ("azsdk%opaque", 300),
        ("Welcome!\n\u{1B}[32mazsdk%opaque%1767229200\u{1B}[0m\nBye.", 3600),
        ("\u{FEFF}azsdk%opaque%1767229200\r\n", 3600),
    ])
    func aGoodTokenIsUsedHoweverItsExpiryIsWritten(output: String, seconds: TimeInterval) async throws {
        let runner = FakeCommandRunner(CommandResult(standardOutput: output))
        let token = try await AzurePowerShellCredential(dependencies: .fake(commandRunner: runner))
            .token(for: Sample.context())
        #expect(token.token == "opaque")
        #expect(token.expiresOn == ManualClock().date.addingTimeInterval(seconds))
    }

    @Test(arguments: [
        (CommandError.notFound, "PowerShell is not installed (pwsh: command not found)."),
        (.timeout, "Process took too long to return the token."),
    ])
    func aProgramThatDoesNotRunToItsEndIsNamed(error: CommandError, reason: String) async {
        let runner = FakeCommandRunner { _ in throw error }
        let credential = AzurePowerShellCredential(dependencies: .fake(commandRunner: runner))
        await #expect(throws: CredentialFailure(Self.failed + reason)) {
            try await credential.token(for: Sample.context())
        }
    }
}
