import TestSupport
import Testing
import Waiting

@Suite("SharedResult", .timeLimit(.minutes(5)))
struct SharedResultTests {
    private struct Failure: Error, Equatable {}

    @Test func everyWaiterGetsTheOutcomeAndSoDoesOneWhoComesLater() async throws {
        let shared = SharedResult<Int>()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { try await shared.value }
            }
            shared.complete(.success(7))
            for try await value in group {
                #expect(value == 7)
            }
        }
        #expect(try await shared.value == 7)
    }

    @Test func aFailureReachesEveryone() async {
        let shared = SharedResult<Int>()
        shared.complete(.failure(Failure()))
        await #expect(throws: Failure()) { try await shared.value }
    }

    @Test func aCancelledWaiterLeavesAtOnceAndTheOthersStay() async throws {
        let shared = SharedResult<Int>()
        let staying = Task { try await shared.value }
        let leaving = Task { try await shared.value }
        leaving.cancel()
        // Nothing is complete: this can only end because of the cancellation.
        await #expect(throws: CancellationError.self) { try await leaving.value }
        shared.complete(.success(7))
        #expect(try await staying.value == 7)
    }

    @Test func cancellationsAndOutcomesMayCross() async {
        for _ in 0..<500 {
            let shared = SharedResult<Int>()
            let waiter = Task { try await shared.value }
            async let completion: Void = shared.complete(.success(7))
            waiter.cancel()
            await completion
            switch await waiter.result {
            case .success(let value): #expect(value == 7)
            case .failure(let error): #expect(error is CancellationError)
            }
        }
    }

    @Test func onlyTheFirstOutcomeCounts() async throws {
        let shared = SharedResult<Int>()
        shared.complete(.success(1))
        shared.complete(.failure(CancellationError()))
        #expect(try await shared.value == 1)
    }
}
