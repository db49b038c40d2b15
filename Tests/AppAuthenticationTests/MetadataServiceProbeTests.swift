import Foundation
import TestSupport
import Testing
import TokenTransport
import Waiting

@testable import AppAuthentication

@Suite("MetadataServiceProbe", .timeLimit(.minutes(5)))
struct MetadataServiceProbeTests {
    private let probe: MetadataServiceProbe
    private let clock: ManualClock
    private let url = URL(filePath: "/probe")

    init() {
        let clock = ManualClock()
        self.clock = clock
        self.probe = MetadataServiceProbe(uptime: { clock.now.offset })
    }

    private func answer(_ transport: FakeTransport) async throws -> MetadataServiceProbe.Answer {
        try await self.probe.answer(
            at: self.url,
            timeout: .seconds(1),
            transport: transport
        )
    }

    @Test(
        arguments: [
            (.success(Sample.answer(500)), .present(status: 500)),
            (.failure(TransportError(.timeout, "timed out")), .silent),
            (.failure(TransportError(.connection, "No route to host")), .unreachable("No route to host")),
        ] as [(Result<TransportResponse, TransportError>, MetadataServiceProbe.Answer)]
    )
    func theAnswerTellsPresenceFromAbsence(
        result: Result<TransportResponse, TransportError>,
        answer: MetadataServiceProbe.Answer
    ) async throws {
        let transport = FakeTransport([result])
        #expect(try await self.answer(transport) == answer)
        #expect(transport.requests.first?.headers.first?.name == "Metadata")
        #expect(transport.requests.first?.headers.first?.value == "true")
    }

    @Test func anAbsenceIsBelievedForAMinute() async throws {
        let transport = FakeTransport([.failure(TransportError(.timeout, "timed out")), .success(Sample.answer(200))])
        #expect(try await self.answer(transport) == .silent)
        self.clock.advance(by: .milliseconds(59_999))
        #expect(try await self.answer(transport) == .silent)
        #expect(transport.requests.count == 1)
        self.clock.advance(by: .milliseconds(1))
        #expect(try await self.answer(transport) == .present(status: 200))
        #expect(transport.requests.count == 2)
    }

    @Test func callersAtTheSameTimeShareOneQuestion() async throws {
        let gate = SharedResult<TransportResponse>()
        let transport = FakeTransport { _ in try await gate.value }
        let started = Box(0)
        try await withThrowingTaskGroup(of: MetadataServiceProbe.Answer.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    started.withLock { $0 += 1 }
                    return try await self.answer(transport)
                }
            }
            while started.value < 100 || transport.requests.isEmpty { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            gate.complete(.failure(TransportError(.timeout, "timed out")))
            for try await answer in group {
                #expect(answer == .silent)
            }
        }
        #expect(transport.requests.count == 1)
    }

    @Test func aCancelledCallerLeavesTheQuestionToTheOthers() async throws {
        let gate = SharedResult<TransportResponse>()
        let transport = FakeTransport { _ in try await gate.value }
        let leaving = Task { try await self.answer(transport) }
        while transport.requests.isEmpty { await Task.yield() }
        let staying = Task { try await self.answer(transport) }
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        gate.complete(.success(Sample.answer(400)))
        #expect(try await staying.value == .present(status: 400))
    }
}
