import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

/// How often a source is asked, and for how long it is waited for.
extension ManagedIdentityCredentialTests {
    @Test(arguments: [429, 500])
    func theFifthAttemptMaySucceed(status: Int) async throws {
        let transport = FakeTransport(Self.answers(status, times: 4) + [.success(Sample.tokenAnswer())])
        let token = try await Self.credential(transport: transport).token(for: Sample.context())
        #expect(token.token == Sample.appToken)
        #expect(transport.requests.count == 5)
    }

    @Test(arguments: [[:], Self.appService], [1, 2, 3])
    func theRetryTimeoutOfTheConnectionStringEndsIt(environment: [String: String], seconds: Int) async {
        let clock = ManualClock(movesWhenSlept: true)
        let transport = FakeTransport { request in
            if request.url.path() == "/metadata/instance" { return Sample.answer(400) }
            throw TransportError(.connection, "Connection refused")
        }
        let credential = Self.credential(
            environment,
            retryTimeout: .seconds(seconds),
            transport: transport,
            clock: clock
        )
        let reason = "Reached retry timeout limit set by MsiRetryTimeout parameter in connection string."
        await #expect(throws: CredentialFailure(Self.notAcquired + reason)) {
            try await credential.token(for: Sample.context())
        }
        #expect(clock.sleeps.reduce(.zero, +) == .seconds(seconds))
    }

    @Test func withoutAnAnswerToTheProbeNoTokenIsAskedFor() async {
        let transport = FakeTransport([.failure(TransportError(.timeout, "timed out"))])
        let reason =
            "Unable to connect to the Instance Metadata Service (IMDS). "
            + "Skipping request to the Managed Service Identity (MSI) token endpoint."
        await #expect(throws: CredentialFailure(Self.used + reason)) {
            try await Self.credential([:], transport: transport).token(for: Sample.context())
        }
        #expect(transport.requests.count == 1)
    }

    @Test func anUnreachableNetworkIsToldInTheWordsOfTheSystem() async {
        let transport = FakeTransport([.failure(TransportError(.connection, "Network is unreachable"))])
        await #expect(throws: CredentialFailure(Self.notAcquired + "Network is unreachable")) {
            try await Self.credential([:], transport: transport).token(for: Sample.context())
        }
    }

    @Test func whereItIsAskedForEachCallLooksForTheMetadataServiceAgain() async {
        let transport = FakeTransport([.failure(TransportError(.timeout, "timed out"))])
        let credential = Self.credential([:], transport: transport)
        for _ in 0..<2 {
            await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        }
        #expect(transport.requests.map(\.timeout) == [.seconds(3), .seconds(3)])
    }

    @Test func inTheChainTheProbeIsQuickAndItsFailureIsRemembered() async {
        let clock = ManualClock(movesWhenSlept: true)
        let transport = FakeTransport([.failure(TransportError(.timeout, "timed out"))])
        let credential = Self.credential([:], role: .chained, transport: transport, clock: clock)
        for _ in 0..<3 {
            await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        }
        #expect(transport.requests.map(\.timeout) == [.seconds(1)])
        clock.advance(by: .seconds(60))
        await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(transport.requests.count == 2)
    }

    @Test func inTheChainAnEndpointThatIsNamedIsWaitedForAndThenGivenUp() async {
        let clock = ManualClock(movesWhenSlept: true)
        let transport = FakeTransport([Self.down])
        let credential = Self.credential(role: .chained, transport: transport, clock: clock)
        let error = await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(error?.reason.hasPrefix(Self.used + "Failed after 8 retries. Unable to connect") == true)
        #expect(clock.sleeps.reduce(.zero, +) == .seconds(13))
    }

    @Test func aSidecarThatStartsTwelveSecondsLaterGivesAToken() async throws {
        let clock = ManualClock(movesWhenSlept: true)
        let transport = FakeTransport { _ in
            guard clock.now.offset >= .seconds(12) else {
                throw TransportError(.connection, "127.0.0.1:8081 could not be reached: connection refused.")
            }
            return Sample.tokenAnswer()
        }
        let credential = Self.credential(role: .chained, transport: transport, clock: clock)
        #expect(try await credential.token(for: Sample.context()).token == Sample.appToken)
    }

    @Test func aSourceThatIsRefusedTheWayIsNotAskedAgainAndTheReasonIsTold() async {
        let transport = FakeTransport([.failure(TransportError(.insecureBearer, "A credential is not sent there."))])
        await #expect(throws: CredentialFailure(Self.notAcquired + "A credential is not sent there.")) {
            try await Self.credential(transport: transport).token(for: Sample.context())
        }
        #expect(transport.requests.count == 1)
    }

    /// The status of the probe, the role, and how often the token is asked for when it is not found.

    @Test(
        arguments: [
            (404, .chained, 1), (200, .chained, 3), (400, .chained, 3), (404, .requested, 5),
        ] as [(Int, ManagedIdentityCredential.Role, Int)]
    )
    func inTheChainTheMetadataServiceOfAnotherCloudIsLeftAtOnce(
        probe: Int,
        role: ManagedIdentityCredential.Role,
        requests: Int
    ) async {
        let transport = FakeTransport { request in
            Sample.answer(request.url.path() == "/metadata/instance" ? probe : 404)
        }
        let error = await #expect(throws: CredentialFailure.self) {
            try await Self.credential([:], role: role, transport: transport).token(for: Sample.context())
        }
        #expect(error?.reason.contains("MSI ResponseCode: NotFound") == true)
        #expect(transport.requests.count == 1 + requests)
    }
}
