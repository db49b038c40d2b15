import Foundation
import TestSupport
import Testing
import Transport

@testable import AppAuthentication

@Suite("CredentialTrial")
struct CredentialTrialTests {
    private static func provider(
        _ connectionString: String? = nil,
        runner: FakeCommandRunner
    ) throws -> AzureServiceTokenProvider {
        try AzureServiceTokenProvider(
            connectionString: connectionString,
            environment: [:],
            transport: FakeTransport([.failure(TransportError(.connection, "Connection refused"))]),
            commandRunner: runner,
            cache: TokenCache(),
            probe: MetadataServiceProbe(),
            clock: ManualClock(movesWhenSlept: false)
        )
    }

    @Test func whatTheSettingsSelectComesFirst() async throws {
        let provider = try Self.provider("RunAs=Developer;DeveloperTool=AzurePowerShell", runner: .nothingInstalled)
        let trials = try await provider.trials(forResource: Sample.vault)
        #expect(trials.first?.credential == "Azure PowerShell")
        #expect(trials.map(\.isSelected) == [true] + Array(repeating: false, count: trials.count - 1))
        #expect(Set(trials.map(\.credential)).count == trials.count)
        #expect(trials.allSatisfy { (try? $0.outcome.get()) == nil })
    }

    @Test func oneThatWorksDoesNotKeepTheOthersFromBeingTried() async throws {
        let runner = FakeCommandRunner { command in
            guard command.name == "az" else { throw CommandError.notFound }
            return Sample.cliAnswer()
        }
        let provider = try Self.provider(runner: runner)
        let trials = try await provider.trials(forResource: Sample.vault)
        #expect(Set(runner.commands.map(\.name)) == ["az", "azd", "pwsh"])
        let working = trials.filter { (try? $0.outcome.get()) != nil }
        #expect(working.map(\.credential) == ["Azure CLI"])
        #expect(provider.principalUsed == nil)
    }

    @Test func oneThatHangsIsGivenUp() async throws {
        let clock = ManualClock(movesWhenSlept: true)
        let trial = try await CredentialTrial.run(
            Hanging(),
            isSelected: true,
            context: Sample.context(),
            limit: .seconds(7),
            clock: clock
        )
        #expect(throws: CredentialFailure("It was given up after 7 s.")) { try trial.outcome.get() }
    }

    private struct Hanging: TokenCredential {
        let name = "Hanging"
        let troubleshooting = "nowhere"

        func token(for context: TokenRequestContext) async throws -> AccessToken {
            try await Task.sleep(for: .seconds(60))
            throw CredentialFailure("It was not given up.")
        }
    }
}
