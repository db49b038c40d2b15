import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("RetryPolicy")
struct RetryPolicyTests {
    private static let down = Result<TransportResponse, TransportError>.failure(TransportError(.connection, "refused"))

    private static func status(
        _ status: Int,
        retryAfter: String? = nil
    ) -> Result<TransportResponse, TransportError> {
        .success(Sample.answer(status, headers: retryAfter.map { [("Retry-After", $0)] } ?? []))
    }

    private struct Run: Sendable {
        let outcome: String
        let waits: [Duration]
        let timeouts: [Duration]
    }

    private static func run(
        _ policy: RetryPolicy,
        _ answers: [Result<TransportResponse, TransportError>],
        limit: Duration? = nil
    ) async throws -> Run {
        let clock = ManualClock(movesWhenSlept: true)
        let transport = FakeTransport(answers)
        let timeouts = Box<[Duration]>([])
        let url = try #require(URL(string: "http://127.0.0.1/"))
        let now: @Sendable () -> Date = { clock.date }
        let outcome = try await policy.run(limit: limit, clock: clock, now: now) { timeout in
            timeouts.withLock { $0.append(timeout) }
            return try await transport.send(TransportRequest(url: url, timeout: timeout))
        }
        let text =
            switch outcome {
            case .answer(let response): "answer \(response.status)"
            case .exhausted(let response, let attempts): "exhausted \(response.status) after \(attempts)"
            case .unreachable(let error, let attempts): "\(error.description) after \(attempts)"
            case .limitReached: "limit reached"
            }
        return Run(outcome: text, waits: clock.sleeps, timeouts: timeouts.value)
    }

    private static let usual: [Duration] = [.seconds(2), .seconds(6), .seconds(14), .seconds(30)]

    @Test(
        arguments: [
            ([Self.status(200)], "answer 200", []),
            ([Self.status(400)], "answer 400", []),
            ([Self.status(401)], "answer 401", []),
            ([Self.status(403)], "answer 403", []),
            ([Self.status(408)], "answer 408", []),
            (Array(repeating: Self.status(429), count: 4) + [Self.status(200)], "answer 200", Self.usual),
            (Array(repeating: Self.status(500), count: 4) + [Self.status(200)], "answer 200", Self.usual),
            ([Self.status(404)], "exhausted 404 after 5", Self.usual),
            ([Self.status(429)], "exhausted 429 after 5", Self.usual),
            ([Self.status(599)], "exhausted 599 after 5", Self.usual),
            ([Self.down], "refused after 5", Self.usual),
            ([Self.down, Self.status(500), Self.status(200)], "answer 200", [.seconds(2), .seconds(6)]),
            ([Self.status(410)], "exhausted 410 after 6", Self.usual + [.seconds(30)]),
            ([Self.status(503, retryAfter: "9"), Self.status(200)], "answer 200", [.seconds(9)]),
            ([Self.status(503, retryAfter: "900"), Self.status(200)], "answer 200", [.seconds(60)]),
            ([Self.status(503, retryAfter: "later"), Self.status(200)], "answer 200", [.seconds(2)]),
            (
                [Self.status(429, retryAfter: "Thu, 01 Jan 2026 00:00:04 GMT"), Self.status(200)], "answer 200",
                [.seconds(4)]
            ),
            ([.failure(TransportError(.tls, "bad certificate"))], "bad certificate after 1", []),
        ] as [([Result<TransportResponse, TransportError>], String, [Duration])]
    )
    func managedIdentityWaitsAsAppAuthenticationForDotNETDoes(
        answers: [Result<TransportResponse, TransportError>],
        outcome: String,
        waits: [Duration]
    ) async throws {
        let run = try await Self.run(.managedIdentity, answers)
        #expect(run.outcome == outcome)
        #expect(run.waits == waits)
    }

    @Test func goneIsWaitedForSeventySecondsAtLeast() {
        #expect(RetryPolicy.managedIdentity.waitsWhenGone.reduce(.zero, +) >= .seconds(70))
    }

    @Test func goneIsWaitedForSeventySecondsInAChainTooWhateverTheSourceSays() async throws {
        for policy in [RetryPolicy.managedIdentity, .managedIdentityInChain] {
            let run = try await Self.run(policy, [Self.status(410, retryAfter: "1")])
            #expect(run.outcome == "exhausted 410 after 6")
            #expect(run.waits.reduce(.zero, +) >= .seconds(70))
        }
        let run = try await Self.run(.managedIdentity, [Self.status(410, retryAfter: "20"), Self.status(200)])
        #expect(run.waits == [.seconds(20)])
    }

    @Test func inAChainNoAnswerCostsTwoQuickAttemptsOnly() async throws {
        let run = try await Self.run(.managedIdentityInChain, [Self.down])
        #expect(run.outcome == "refused after 2")
        #expect(run.waits == [.milliseconds(300)])
    }

    @Test func inAChainAnEndpointThatIsBrokenCostsThreeQuickAttemptsOnly() async throws {
        #expect(
            try await Self.run(.managedIdentityInChain, [Self.status(500)]).waits == [.milliseconds(300), .seconds(1)]
        )
    }

    @Test(
        arguments: [
            (1, [.seconds(1)]), (3, [.seconds(2), .seconds(1)]), (8, [.seconds(2), .seconds(6)]),
            (20, [.seconds(2), .seconds(6), .seconds(12)]),
        ] as [(Int, [Duration])]
    )
    func theLimitEndsTheWaitsOnTime(limit: Int, waits: [Duration]) async throws {
        let run = try await Self.run(.managedIdentity, [Self.down], limit: .seconds(limit))
        #expect(run.outcome == "limit reached")
        #expect(run.waits == waits)
        #expect(run.waits.reduce(.zero, +) == .seconds(limit))
    }

    @Test func anAttemptMayNotTakeLongerThanWhatIsLeftOfTheLimit() async throws {
        let run = try await Self.run(.managedIdentity, [Self.down], limit: .seconds(9))
        #expect(run.timeouts == [.seconds(9), .seconds(7), .seconds(1)])
    }

    @Test(arguments: [
        ([Self.status(408)], "exhausted 408 after 4", 3),
        ([Self.status(503, retryAfter: "1"), Self.status(200)], "answer 200", 1),
        ([Self.status(400)], "answer 400", 0),
        ([Self.status(404)], "answer 404", 0),
        ([Self.down], "refused after 3", 2),
    ])
    func theTokenEndpointIsAskedAFewTimes(
        answers: [Result<TransportResponse, TransportError>],
        outcome: String,
        waits: Int
    ) async throws {
        let run = try await Self.run(.tokenEndpoint, answers)
        #expect(run.outcome == outcome)
        #expect(run.waits.count == waits)
    }

    @Test(.timeLimit(.minutes(5))) func aCancelledTaskStopsWaiting() async throws {
        let clock = ManualClock()
        let now: @Sendable () -> Date = { clock.date }
        let task = Task {
            try await RetryPolicy.managedIdentity.run(limit: nil, clock: clock, now: now) { _ in
                throw TransportError(.connection, "refused")
            }
        }
        await clock.waitForSleepers()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
