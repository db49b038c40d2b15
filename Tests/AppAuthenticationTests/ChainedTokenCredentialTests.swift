import Foundation
import Logging
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("ChainedTokenCredential", .timeLimit(.minutes(5)))
struct ChainedTokenCredentialTests {
    /// A credential that counts its calls and answers from a closure.
    private final class Scripted: TokenCredential {
        let name: String
        let troubleshooting = "anchor"
        let calls = Box(0)
        private let answer: @Sendable () async throws -> AccessToken

        init(_ name: String, _ answer: @escaping @Sendable () async throws -> AccessToken) {
            self.name = name
            self.answer = answer
        }

        static func failing(_ name: String) -> Scripted {
            Scripted(name) { throw CredentialFailure("\(name) failed.") }
        }

        static func working(_ name: String) -> Scripted {
            Scripted(name) { Sample.token(name, expiresIn: 3_600, from: Date()) }
        }

        func token(for context: TokenRequestContext) async throws -> AccessToken {
            self.calls.withLock { $0 += 1 }
            return try await self.answer()
        }
    }

    private static func chain(_ credentials: [Scripted], connectionString: String? = nil) -> ChainedTokenCredential {
        ChainedTokenCredential(
            credentials,
            connectionString: connectionString,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test func theFirstThatWorksIsUsedAloneFromThenOn() async throws {
        let credentials = [Scripted.failing("a"), .working("b"), .working("c")]
        let chain = Self.chain(credentials)
        #expect(try await chain.token(for: Sample.context()).token == "b")
        #expect(try await chain.token(for: Sample.context()).token == "b")
        #expect(credentials.map(\.calls.value) == [1, 2, 0])
    }

    @Test func onceOneIsUsedAloneItsFailureIsReportedAlone() async throws {
        let isDown = Box(false)
        let chain = Self.chain([
            .failing("a"),
            Scripted("b") {
                if isDown.value { throw CredentialFailure("b is down.") }
                return Sample.token("b", expiresIn: 3_600, from: Date())
            },
        ])
        _ = try await chain.token(for: Sample.context())
        isDown.withLock { $0 = true }
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await chain.token(for: Sample.context())
        }
        #expect(error?.code == .credentialFailed)
        #expect(error?.attempts.map(\.reason) == ["b is down."])
    }

    @Test func everyFailureIsReportedInOrderAndNothingIsRemembered() async {
        let credentials = [Scripted.failing("a"), .failing("b"), .failing("c")]
        let chain = Self.chain(credentials)
        for _ in 0..<2 {
            let error = await #expect(throws: AzureServiceTokenProviderError.self) {
                try await chain.token(for: Sample.context(tenantID: "T"))
            }
            #expect(error?.code == .noCredentialWorked)
            #expect(error?.attempts.map(\.credential) == ["a", "b", "c"])
            #expect(error?.attempts.map(\.troubleshooting) == ["anchor", "anchor", "anchor"])
            let frame =
                "Parameters: Connection String: [No connection string specified], "
                + "Resource: https://vault.azure.net/, "
                + "Authority: https://login.microsoftonline.com/T. Exception Message: "
            #expect(
                error?.description == frame
                    + "Tried the following 3 methods to get an access token, but none of them worked.\n"
                    + "\(frame)a failed.\n\(frame)b failed.\n\(frame)c failed.\n"
            )
        }
        #expect(credentials.map(\.calls.value) == [2, 2, 2])
    }

    /// What a managed identity answers after a CLI that is not signed in, and what that comes to.
    @Test(arguments: [true, false])
    func realCredentialsAreTriedInTheirOrder(works: Bool) async throws {
        let runner = FakeCommandRunner(CommandResult(exitCode: 1, standardError: "not signed in"))
        let transport = FakeTransport([
            works ? .success(Sample.tokenAnswer()) : .failure(TransportError(.connection, "Connection refused"))
        ])
        let dependencies = CredentialDependencies.fake(
            environment: ["IDENTITY_ENDPOINT": "http://127.0.0.1:1/", "IDENTITY_HEADER": "h"],
            transport: transport,
            commandRunner: runner
        )
        let chain = ChainedTokenCredential(
            [
                AzureCLICredential(dependencies: dependencies),
                ManagedIdentityCredential(id: .systemAssigned, role: .requested, dependencies: dependencies),
            ],
            logger: dependencies.logger
        )
        if works {
            let principal = try await chain.token(for: Sample.context()).principal
            #expect(principal.kind == .app)
            #expect(principal.appID == Sample.appID)
        } else {
            let error = await #expect(throws: AzureServiceTokenProviderError.self) {
                try await chain.token(for: Sample.context())
            }
            #expect(
                error?.description.contains(
                    "Tried the following 2 methods to get an access token, but none of them worked.\n"
                ) == true
            )
        }
        #expect(runner.commands.count == 1)
        #expect(transport.requests.count == (works ? 1 : 5))
    }

    /// Other libraries stop at some of these; here the next is always tried.
    @Test(arguments: [
        (400, "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"),
        (403, "A socket operation was attempted to an unreachable network."),
        (200, "<html>Please sign in to this network</html>"), (401, "{}"), (500, ""),
    ])
    func whateverAManagedIdentityAnswersTheCLIIsTried(status: Int, body: String) async throws {
        let runner = FakeCommandRunner(Sample.cliAnswer())
        let dependencies = CredentialDependencies.fake(
            transport: FakeTransport([.success(Sample.answer(status, body))]),
            commandRunner: runner
        )
        let chain = ChainedTokenCredential(
            [
                ManagedIdentityCredential(id: .clientID("c"), role: .chained, dependencies: dependencies),
                AzureCLICredential(dependencies: dependencies),
            ],
            logger: dependencies.logger
        )
        #expect(try await chain.token(for: Sample.context()).token == Sample.userToken)
    }

    @Test func aSingleFailureStandsAloneWithTheConnectionString() async {
        let chain = Self.chain([.failing("a")], connectionString: "RunAs=App")
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await chain.token(for: Sample.context())
        }
        #expect(error?.code == .credentialFailed)
        #expect(
            error?.description == "Parameters: Connection String: RunAs=App, "
                + "Resource: https://vault.azure.net/, Authority: . Exception Message: a failed."
        )
    }

    @Test func aCancellationIsNoFailureOfACredential() async {
        let next = Scripted.working("next")
        let chain = Self.chain([Scripted("cancelled") { throw CancellationError() }, next])
        await #expect(throws: CancellationError.self) { try await chain.token(for: Sample.context()) }
        #expect(next.calls.value == 0)
    }

    @Test func aCancelledTaskTriesNoFurtherCredential() async {
        let next = Scripted.working("next")
        let chain = Self.chain([
            Scripted("slow") {
                withUnsafeCurrentTask { $0?.cancel() }
                throw CredentialFailure("slow failed.")
            },
            next,
        ])
        let task = Task { try await chain.token(for: Sample.context()) }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(next.calls.value == 0)
    }
}
