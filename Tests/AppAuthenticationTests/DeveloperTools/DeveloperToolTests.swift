import Foundation
import Logging
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("DeveloperTool")
struct DeveloperToolTests {
    private static let makers: [@Sendable (CredentialDependencies) -> any TokenCredential] = [
        { AzureCLICredential(dependencies: $0) },
        { AzureDeveloperCLICredential(dependencies: $0) },
        { AzurePowerShellCredential(dependencies: $0) },
    ]

    /// What each of the three prints.
    private static func answer(to command: Command) -> CommandResult {
        switch command.name {
        case "az": Sample.cliAnswer()
        case "azd":
            CommandResult(standardOutput: "{\"token\":\"\(Sample.userToken)\",\"expiresOn\":\"2026-11-24T04:18:11Z\"}")
        default: CommandResult(standardOutput: "azsdk%\(Sample.userToken)%1795493891\n")
        }
    }

    @Test(arguments: [true, false])
    func noTokenIsShownAnywhereWhetherItWorksOrNot(works: Bool) async throws {
        for make in Self.makers {
            let log = LogCapture()
            let logger = log.logger
            let runner = FakeCommandRunner { command in
                if works { return Self.answer(to: command) }
                let output = Self.answer(to: command).standardOutput
                return CommandResult(exitCode: 1, standardOutput: output, standardError: output)
            }
            let environment = ["AzureServicesAuthConnectionString": "RunAs=App;AppKey=s3cret"]
            let credential = make(.fake(environment: environment, commandRunner: runner, logger: logger))
            let chain = ChainedTokenCredential([credential], logger: logger)
            var text = "\(credential)"
            do {
                dump(try await chain.token(for: Sample.context()), to: &text)
                #expect(works)
            } catch {
                text += "\(error)"
                dump(error, to: &text)
                #expect(!works)
            }
            dump(credential, to: &text)
            text += log.text
            #expect(log.text.contains(credential.name))
            for secret in [Sample.userToken, "s3cret"] { #expect(!text.contains(secret)) }
            #expect(runner.commands.allSatisfy { $0.environment["AzureServicesAuthConnectionString"] == nil })
        }
    }

    @Test(arguments: [
        ("My subscription", true), ("00000000-0000_a.b", true), ("", false), ("-x", false), ("a;b", false),
        ("ä", false),
    ])
    func aSubscriptionCannotBeTakenForAnOption(text: String, isOne: Bool) {
        #expect(DeveloperAccount.isSubscription(text) == isOne)
    }

    @Test(arguments: ["-x", "--debug", "a b", "o'tenant", "t\u{2019}; calc; \u{2019}", "t/u", ""])
    func aTenantThatIsNoneReachesNoTool(tenantID: String) async {
        let runner = FakeCommandRunner(CommandResult())
        let dependencies = CredentialDependencies.fake(commandRunner: runner)
        let account = DeveloperAccount(tenantID: tenantID)
        let credentials: [any TokenCredential] = [
            AzureCLICredential(account: account, dependencies: dependencies),
            AzureDeveloperCLICredential(account: account, dependencies: dependencies),
            AzurePowerShellCredential(account: account, dependencies: dependencies),
        ]
        for credential in credentials {
            let error = await #expect(throws: CredentialFailure.self) {
                try await credential.token(for: TokenRequestContext(resource: Sample.vault))
            }
            #expect(error?.reason.contains("Tenant \(tenantID) is not in expected format.") == true)
        }
        #expect(runner.commands.isEmpty)
    }

    @Test(arguments: ["-x", "--debug", "", "a;b"])
    func aSubscriptionThatIsNoneReachesNoTool(subscription: String) async {
        let runner = FakeCommandRunner(CommandResult())
        let credential = AzureCLICredential(
            account: DeveloperAccount(subscription: subscription),
            dependencies: .fake(commandRunner: runner)
        )
        let error = await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(error?.reason.contains("Subscription \(subscription) is not in expected format.") == true)
        #expect(runner.commands.isEmpty)
    }
}
