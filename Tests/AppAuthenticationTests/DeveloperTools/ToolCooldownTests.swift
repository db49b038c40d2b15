import TestSupport
import Testing

@testable import AppAuthentication

@Suite("ToolCooldown")
struct ToolCooldownTests {
    private static let failed = "Tried to get token using Azure CLI. Access token could not be acquired. "
    private static let tookTooLong = failed + "Process took too long to return the token."
    private static let again = tookTooLong + " That was less than a minute ago, so it was not started again."

    @Test func aToolThatHungIsLeftAloneForAMinuteAndThenTriedAgain() async throws {
        let clock = ManualClock()
        let hangs = Box(true)
        let runner = FakeCommandRunner { _ in
            if hangs.value { throw CommandError.timeout }
            return Sample.cliAnswer()
        }
        let dependencies = CredentialDependencies.fake(commandRunner: runner, clock: clock)
        // Another provider of the process has a credential of its own.
        let credentials = [
            AzureCLICredential(dependencies: dependencies), AzureCLICredential(dependencies: dependencies),
        ]
        await #expect(throws: CredentialFailure(Self.tookTooLong)) {
            try await credentials[0].token(for: Sample.context())
        }
        for (credential, resource) in zip(credentials, [Sample.graph, Sample.vault]) {
            await #expect(throws: CredentialFailure(Self.again)) {
                try await credential.token(for: Sample.context(resource))
            }
        }
        clock.advance(by: .milliseconds(59_999))
        await #expect(throws: CredentialFailure(Self.again)) { try await credentials[1].token(for: Sample.context()) }
        #expect(runner.commands.count == 1)
        clock.advance(by: .milliseconds(1))
        hangs.withLock { $0 = false }
        #expect(try await credentials[1].token(for: Sample.context()).token == Sample.userToken)
        #expect(runner.commands.count == 2)
    }

    @Test func anotherToolAndAnotherSearchPathAreOthers() async {
        let tools = ToolCooldown()
        tools.add(.init(program: "az", path: "/usr/bin"))
        #expect(tools.includes(.init(program: "az", path: "/usr/bin")))
        #expect(!tools.includes(.init(program: "azd", path: "/usr/bin")))
        #expect(!tools.includes(.init(program: "az", path: "/opt:/usr/bin")))
    }

    @Test(arguments: [CommandError.notFound, .outputTooLarge(limit: 1), .notRun("no")])
    func otherFailuresAreNotRemembered(error: CommandError) async {
        let runner = FakeCommandRunner { _ in throw error }
        let credential = AzureCLICredential(dependencies: .fake(commandRunner: runner))
        for _ in 0..<2 {
            await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        }
        #expect(runner.commands.count == 2)
    }
}
