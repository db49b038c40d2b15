import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("CredentialDiagnostic")
struct CredentialDiagnosticTests {
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
        let diagnostics = try await provider.diagnose(forResource: Sample.vault)
        #expect(diagnostics.first?.credential == "Azure PowerShell")
        #expect(diagnostics.map(\.isSelected) == [true] + Array(repeating: false, count: diagnostics.count - 1))
        #expect(Set(diagnostics.map(\.credential)).count == diagnostics.count)
        #expect(diagnostics.allSatisfy { (try? $0.outcome.get()) == nil })
    }

    @Test func oneThatWorksDoesNotKeepTheOthersFromBeingTried() async throws {
        let runner = FakeCommandRunner { command in
            guard command.name == "az" else { throw CommandError.notFound }
            return Sample.cliAnswer()
        }
        let provider = try Self.provider(runner: runner)
        let diagnostics = try await provider.diagnose(forResource: Sample.vault)
        #expect(Set(runner.commands.map(\.name)) == ["az", "azd", "pwsh"])
        let working = diagnostics.filter { (try? $0.outcome.get()) != nil }
        #expect(working.map(\.credential) == ["Azure CLI"])
        #expect(provider.principalUsed == nil)
    }

    @Test func oneThatHangsIsGivenUp() async throws {
        let clock = ManualClock(movesWhenSlept: true)
        let diagnostic = try await CredentialDiagnostic.run(
            Hanging(),
            isSelected: true,
            context: Sample.context(),
            limit: .seconds(7),
            clock: clock
        )
        #expect(throws: CredentialFailure("It was given up after 7 s.")) { try diagnostic.outcome.get() }
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
