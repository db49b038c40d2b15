import TestSupport
import Testing
import Waiting

struct TaskValueTests {
    private struct Failure: Error {}

    @Test func itGivesWhatTheTaskGives() async throws {
        #expect(try await value(of: Task { 7 }) == 7)
        await #expect(throws: Failure.self) { try await value(of: Task<Int, any Error> { throw Failure() }) }
    }

    @Test func aCallerThatIsCancelledBeforeItWaitsLeavesAtOnce() async throws {
        let isOver = Box(false)
        let work = Task<Int, any Error> {
            while !isOver.value {
                await Task.yield()
            }
            return 7
        }
        let caller = Task {
            while !Task.isCancelled {
                await Task.yield()
            }
            return try await value(of: work)
        }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(!work.isCancelled)
        isOver.withLock { $0 = true }
        #expect(try await work.value == 7)
    }
}
